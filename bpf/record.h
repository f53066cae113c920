/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The record ring: what clients send, written before it is forwarded. User space moves the consumer position past a
 * record only when its content is safe elsewhere, so the ring is a write-ahead log: it outlives the process that reads it.
 */
#pragma once

#include "gateway.h"

enum record_kind {
	RECORD_OPEN,		/* a flow; the payload is its struct handshake */
	RECORD_DATA,		/* bytes of a flow, or its FIN */
	RECORD_DATAGRAM,	/* a datagram of a UDP flow; seq is its number */
	RECORD_OUTPUT,		/* a node's segment with its headers, in the ring `outputs`: bpf/gateway_agree.h */
};

struct record {
	__u32 kind;		/* enum record_kind */
	__u32 length;		/* bytes of payload; the ring's own length is that of the size class */
	__u64 ns;		/* CLOCK_MONOTONIC */
	struct flow_key key;
	__u32 client_isn;
	__u32 seq;		/* of the first byte of the payload; number of the datagram */
	__u32 ack;
	__u32 flags;		/* TCP flags; FIN only with the segment's last bytes */
	__u16 active;		/* index of the node that holds the service */
	__u16 owed;		/* what the payload must add up to (RFC 1071, as on the wire); 0 = verified before */
	__u8 payload[];
};

#define RECORD_HEADER sizeof(struct record)
#define LARGEST_RECORD 66560

/* 8 × 65 KB: more than any GSO packet holds (GSO_MAX_SIZE, include/linux/netdevice.h, is 512 KB). */
#define MAX_RECORD_PIECES 8

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 << 20);	/* user space sets the configured size before loading */
} records SEC(".maps");

const volatile struct {
	enum record_kind kind;
	struct record record;
} record_types = {};

static __always_inline void fill_record(struct record *r, enum record_kind kind, const struct segment *s, __u32 client_isn,
					__u32 length, __u32 active_owed)
{
	r->kind = kind;
	r->length = length;
	r->ns = bpf_ktime_get_ns();
	r->key = s->key;
	r->client_isn = client_isn;
	r->seq = s->seq;
	r->ack = s->ack;
	r->flags = s->flags;
	r->active = active_owed;
	r->owed = active_owed >> 16;
}

/* Size classes, because a ring reservation has a constant size. The reader looks by the clock: no wakeups. */
#define RECORD_CLASS(bytes)                                                                                            \
	if (length <= (bytes)) {                                                                                       \
		struct record *r = bpf_ringbuf_reserve(&records, RECORD_HEADER + (bytes), 0);                         \
                                                                                                                       \
		if (!r)                                                                                                \
			return -1;                                                                                     \
		fill_record(r, kind, s, client_isn, length, active_owed);                                              \
		if (bpf_skb_load_bytes(skb, s->l4, r->payload, length) < 0) {                                          \
			bpf_ringbuf_discard(r, BPF_RB_NO_WAKEUP);                                                      \
			return -1;                                                                                     \
		}                                                                                                      \
		bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);                                                               \
		return 0;                                                                                              \
	}

/* Records s->payload bytes from offset s->l4 of the frame; active_owed is owed << 16 | active. */
static __noinline int record_piece(struct __sk_buff *skb, const struct segment *s, enum record_kind kind,
				   __u32 client_isn, __u32 active_owed)
{
	__u32 length = s->payload;

	barrier_var(length);
	if (length == 0) {
		struct record *r = bpf_ringbuf_reserve(&records, RECORD_HEADER, 0);

		if (!r)
			return -1;
		fill_record(r, kind, s, client_isn, 0, active_owed);
		bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
		return 0;
	}
	RECORD_CLASS(256)
	RECORD_CLASS(1536)
	RECORD_CLASS(4608)
	RECORD_CLASS(9216)
	RECORD_CLASS(18432)
	RECORD_CLASS(33280)
	RECORD_CLASS(49664)
	RECORD_CLASS(LARGEST_RECORD)
	return -1;
}

/*
 * Is so little room left in the ring that windows which clients see are not widened? What they may send already has to fit into the rest, or it is
 * dropped, and costs them a retransmission timeout. Before it comes to that user space has given up everything that can be had elsewhere (RecordReader).
 */
static __always_inline bool is_record_filling(void)
{
	return bpf_ringbuf_query(&records, BPF_RB_AVAIL_DATA) > bpf_ringbuf_query(&records, BPF_RB_RING_SIZE) / 8 * 5;
}

/* How far the window may reach that a client is shown: to the flow's limit, no wider than any may be, and not beyond its edge while the record ring fills. */
static __always_inline __u32 bounded_right(const struct segment *s, const struct flow *f, const struct gateway_state *state, __u32 right)
{
	const struct limit *l = *(volatile __u32 *)&state->limited ? bpf_map_lookup_elem(&limits, &s->key) : NULL;

	if (l && l->client_isn == f->handshake.client_isn && seq_after(right, l->right))
		right = l->right;
	if (state->widest && seq_after(right, s->ack + state->widest))
		right = s->ack + state->widest;
	if (is_record_filling() && seq_after(right, f->edge))
		right = f->edge;
	return right;
}

static __always_inline __u16 fold_sum(__u64 sum)
{
	for (int i = 0; i < 4; i++)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

struct summed {
	__u8 client[16], service[16];
	__be32 length, protocol;
	__u8 tcp[60];
};

/*
 * A segment that was damaged on its way is dropped by both servers, and sent again by the client: it must not be what the
 * record believes. What no device has verified carries the sum that its payload must have; user space compares when it
 * copies the payload. Nothing is owed by offloaded packets, which were verified when they were merged, and by those
 * whose checksum is still to be filled in (CHECKSUM_PARTIAL: the field holds the pseudo header's sum).
 */
static __noinline __u32 owed_sum(struct __sk_buff *skb, const struct segment *s)
{
	__u32 header = s->header;
	struct summed b = {};
	__u64 pseudo, all;
	__u16 field, owed;

	if (skb->gso_size || bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY) >= 0)
		return 0;
	barrier_var(header);
	if (header < sizeof(struct tcphdr) || header > sizeof(b.tcp) || bpf_skb_load_bytes(skb, s->l4, b.tcp, header) < 0)
		return 0;
	__builtin_memcpy(b.client, s->key.client, 16);
	__builtin_memcpy(b.service, s->key.service, 16);
	if (!s->ipv6) {
		__builtin_memset(b.client, 0, 12);
		__builtin_memset(b.service, 0, 12);
	}
	b.length = bpf_htonl(s->header + s->payload);
	b.protocol = bpf_htonl(IPPROTO_TCP);
	pseudo = bpf_csum_diff(NULL, 0, (__be32 *)&b, offsetof(struct summed, tcp), 0);
	all = pseudo + (__u64)bpf_csum_diff(NULL, 0, (__be32 *)b.tcp, sizeof(b.tcp), 0);
	__builtin_memcpy(&field, b.tcp + TCP_OFF_CSUM, 2);
	if (field == fold_sum(pseudo))
		return 0;
	owed = ~fold_sum(all);
	return owed ? owed : 0xffff;
}

/* False: nothing may be forwarded. A segment that was recorded in part is harmless: the client sends it again. */
static __always_inline bool record(struct __sk_buff *skb, const struct segment *s, __u32 client_isn, __u32 active)
{
	__u32 active_owed = active | owed_sum(skb, s) << 16;
	struct segment piece = *s;
	__u32 left = s->payload;

	piece.l4 = s->l4 + s->header;
	for (int i = 0; i < MAX_RECORD_PIECES; i++) {
		piece.payload = left <= LARGEST_RECORD ? left : LARGEST_RECORD;
		left -= piece.payload;
		piece.flags = left ? s->flags & ~TCP_FLAG_FIN : s->flags;
		if (record_piece(skb, &piece, RECORD_DATA, client_isn, active_owed))
			return false;
		if (!left)
			return true;
		piece.l4 += piece.payload;
		piece.seq += piece.payload;
	}
	return false;
}
