/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Output agree: what a node says that is new to the client goes to user space, with its headers, and what is left of the segment
 * are the headers, if they are news. User space compares what the nodes say, and sends on what all of them have said
 * (gateway/Recording/Voting): under the headers of the segment that was the last one needed, out of the LAN interface with AGREED_MARK.
 * The egress hook turns that round, and it comes in like the segment that it was.
 */
#pragma once

#include "record.h"

#define GSO_SIZE_SHIFT 16

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} outputs SEC(".maps");

/* As in the record ring; here, user space is woken when it has read everything. */
#define OUTPUT_CLASS(bytes)                                                                                            \
	if (length <= (bytes)) {                                                                                       \
		struct record *r = bpf_ringbuf_reserve(&outputs, RECORD_HEADER + (bytes), 0);                         \
                                                                                                                       \
		if (!r)                                                                                                \
			return -1;                                                                                     \
		fill_record(r, RECORD_OUTPUT, piece, client_isn, length, node_owed);                                   \
		if (bpf_skb_load_bytes(skb, piece->l4, r->payload, length) < 0) {                                      \
			bpf_ringbuf_discard(r, BPF_RB_NO_WAKEUP);                                                      \
			return -1;                                                                                     \
		}                                                                                                      \
		r->flags |= skb->gso_size << GSO_SIZE_SHIFT;                                                           \
		bpf_ringbuf_submit(r, 0);                                                                              \
		return 0;                                                                                              \
	}

/* Hands over piece->payload bytes from offset piece->l4 of the frame; node_owed is owed << 16 | index of the node. */
__noinline int output_piece(struct __sk_buff *skb, const struct segment *piece, __u32 client_isn, __u32 node_owed)
{
	__u32 length;

	if (!piece)
		return -1;
	length = piece->payload;
	barrier_var(length);
	if (length == 0)
		return -1;
	OUTPUT_CLASS(256)
	OUTPUT_CLASS(1664)
	OUTPUT_CLASS(9216)
	OUTPUT_CLASS(18432)
	OUTPUT_CLASS(33280)
	OUTPUT_CLASS(LARGEST_RECORD)
	return -1;
}

/* Up to where the client has been given everything, as a sequence number. */
static __always_inline __u32 given_of(const struct flow_key *key, const struct flow *f)
{
	const struct merge *m = bpf_map_lookup_elem(&merges, key);

	return m && m->known && m->client_isn == f->handshake.client_isn ? m->next : f->server_next;
}

/*
 * Hands a segment of a node over if any of it is new to the client: its headers, from the Ethernet header on, before its payload. Of a
 * longer packet than a record takes only the first bytes go; the node repeats the rest. Of a consent only the end is (`end_alone`): what
 * comes before it may be what the active node has said, sent back. The verifier reads this once.
 */
__noinline int hand_over(struct __sk_buff *skb, const struct segment *s, __u32 node, bool end_alone)
{
	struct segment piece;
	const struct flow *f;
	__u32 next;

	if (!s)
		return -1;
	f = bpf_map_lookup_elem(&flows, &s->key);
	if (!f)
		return -1;
	next = given_of(&s->key, f);
	if (segment_end(s) == s->seq || !seq_after(segment_end(s), next))
		return 0;
	piece = *s;
	piece.l4 = 0;
	piece.payload = s->l4 + s->header + s->payload;
	piece.ack = next;
	if (end_alone) {
		piece.seq += s->payload;
		piece.payload -= s->payload;
	} else {
		node |= owed_sum(skb, s) << 16;
	}
	if (piece.payload > LARGEST_RECORD) {
		piece.payload = LARGEST_RECORD;
		piece.flags &= ~TCP_FLAG_FIN;
	}
	if (output_piece(skb, &piece, f->handshake.client_isn, node)) {
		count(GATEWAY_OUTPUT_UNHELD);
		return -1;
	}
	count(GATEWAY_OUTPUT_HELD);
	return 0;
}
