/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Does the replica say in datagrams what the active node says? Datagrams have no place in a stream: each is summed up by itself,
 * where it passes this node (the replica's own at egress, the active node's as copies at ingress), and told to user space, which
 * finds those that only one of the two has said (shared/Datagrams/DatagramComparison.cs). With it goes how many datagrams
 * of the client there had been: what nobody was asked for twice cannot have two answers.
 */
#pragma once

#include "digest.h"
#include "replica_datagram.h"

#define SAID_KEPT 196	/* bytes of each that are kept for people */
#define SAID_STEPS (MAX_DATAGRAMS + 65536 / DIGEST_BLOCK)	/* of the largest packet: datagrams, and blocks of one */

struct datagram_said {
	__u64 sum;
	struct flow_key key;
	__u32 number;		/* of the client's last datagram, as far as is known */
	__u32 first;		/* and of its first one */
	__u32 length;		/* of the payload, of which the first SAID_KEPT bytes follow */
	__u32 is_own;
	__u8 kept[SAID_KEPT];
};

/* Only user space reads it by name: without a variable clang would leave it out of the object's BTF. */
const volatile struct datagram_said said_types = {};

/* Looked at by the clock, without wakeups. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} datagrams_said SEC(".maps");

/*
 * A packet of one side, datagram by datagram, and each of them block by block. It lies in a map, whose content is anything to
 * the verifier: it reads the loop's body once.
 */
struct said_walk {
	__u64 sum;		/* of the datagram so far */
	__u32 offset;		/* of what is not summed up, from the start of the frame */
	__u32 left;		/* bytes of the packet from there on */
	__u32 size;		/* bytes of each datagram but the last */
	__u32 length;		/* of this datagram */
	__u32 done;		/* bytes of it that are summed up */
	__u32 number;
	__u32 first;
	__u32 is_own;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct said_walk);
} said_walks SEC(".maps");

struct said_packet {
	struct __sk_buff *skb;
	const struct segment *s;
	struct said_walk *walk;
};

static __always_inline void tell_said(const struct said_packet *p)
{
	struct datagram_said *said = bpf_ringbuf_reserve(&datagrams_said, sizeof(*said), 0);
	const struct said_walk *w = p->walk;
	__u32 length = w->length, kept = length < SAID_KEPT ? length : SAID_KEPT;

	if (!said) {
		count(NODE_DATAGRAM_UNCOMPARED);
		return;
	}
	said->sum = w->sum + (length + 1) * GOLDEN_RATIO;
	said->key = p->s->key;
	said->number = w->number;
	said->first = w->first;
	said->length = length;
	said->is_own = w->is_own;
	barrier_var(kept);
	if (kept >= 1 && kept <= SAID_KEPT && bpf_skb_load_bytes(p->skb, w->offset - length, said->kept, kept) < 0) {
		bpf_ringbuf_discard(said, 0);
		return;
	}
	bpf_ringbuf_submit(said, BPF_RB_NO_WAKEUP);
}

static int say_block(__u32 i, struct said_packet *p)
{
	struct said_walk *w = p->walk;
	struct digest_scratch *scratch;
	__u32 length;

	if (!w->done) {
		w->length = w->left < w->size ? w->left : w->size;
		w->sum = 0;
	}
	length = w->length - w->done;
	if (length > DIGEST_BLOCK)
		length = DIGEST_BLOCK;
	if (length) {
		scratch = scratch_of_cpu();
		if (!scratch || sum_piece(p->skb, w->offset, length, w->done) < 0)
			return NO_MORE;
		w->sum += scratch->sum;
	}
	w->offset += length;
	w->left -= length;
	w->done += length;
	if (w->done == w->length) {
		tell_said(p);
		w->done = 0;
	}
	return w->left ? ANOTHER_PIECE : NO_MORE;
}

/* Under load only some flows are compared, the same of both sides: those that the mask leaves. */
static __always_inline bool is_chosen(const struct flow_key *key, __u32 mask)
{
	__u32 client;

	__builtin_memcpy(&client, key->client + 12, 4);
	return !((((client ^ (__u32)key->client_port << 16 ^ key->service_port) * GOLDEN_RATIO) >> 40) & mask);
}

/* A packet of one side. Where a client's datagrams have never come to this node, nothing of its replica's can be expected. */
__noinline int note_said(struct __sk_buff *skb, const struct segment *s, __u32 mask, bool is_own)
{
	struct said_packet packet = { .skb = skb, .s = s };
	const struct port_range *range;
	const struct datagram_flow *f;
	struct said_walk *w;
	__u32 zero = 0;
	__u16 last;

	if (!s || !is_chosen(&s->key, mask))
		return 0;
	range = service_of(s, IPPROTO_UDP);
	if (!range || range->comparison == COMPARE_NOTHING)
		return 0;
	f = bpf_map_lookup_elem(&datagram_flows, &s->key);
	w = bpf_map_lookup_elem(&said_walks, &zero);
	if (!f || !w)
		return 0;
	w->number = f->highest;
	w->first = f->first;
	if (!is_own) {
		if (!number_of(skb, s, &last))
			return 0;	/* no copy of the gateway's */
		if ((__s16)(last - w->number) > 0)
			w->number += (__u16)(last - w->number);
	}
	w->offset = s->l4 + s->header;
	w->left = s->payload;
	w->size = skb->gso_size && skb->gso_size < s->payload ? skb->gso_size : s->payload;
	w->done = 0;
	w->is_own = is_own;
	packet.walk = w;
	bpf_loop(SAID_STEPS, say_block, &packet, 0);
	return 0;
}
