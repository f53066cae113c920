/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* Numbered datagrams at a node: each goes up the stack once, whether its copy or the repair engine brings it. */
#pragma once

#include "datagram.h"
#include "node.h"

#define WINDOW_WORDS 16

/*
 * What has arrived of a flow. Number n has bit n mod 64 of word n / 64 mod 16; the words are those of the highest
 * number and of the 15 before it. Beyond 16 bits numbers are this node's own count of wraps.
 */
struct datagram_flow {
	__u64 last_ns;		/* CLOCK_MONOTONIC */
	__u64 told_ns;		/* when `datagram_changes` last named the flow */
	__u32 highest;
	__u32 first;		/* the lowest number since the flow is known, and since the gateway has counted anew */
	__u64 received[WINDOW_WORDS];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct flow_key);
	__type(value, struct datagram_flow);
} datagram_flows SEC(".maps");

/*
 * Flows whose datagrams have arrived, each named at most once in TELL_NS: user space looks at those, and goes on looking
 * for longer than that, instead of at the whole table. It looks by the clock: no wakeups.
 */
#define TELL_NS 5000000

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} datagram_changes SEC(".maps");

/* Values of an LRU map cannot hold a lock: flows share these, by the client's port. */
#define LOCKS 64

struct datagram_lock {
	struct bpf_spin_lock lock;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LOCKS);
	__type(key, __u32);
	__type(value, struct datagram_lock);
} datagram_locks SEC(".maps");

/* Words that the numbers of one packet can touch. */
#define PACKET_WORDS (MAX_DATAGRAMS / 64 + 1)

/* The bits of `count` numbers from `first` on, as far as they lie in the `w`th word from the first's on. */
static __always_inline __u64 bits_of(__u32 first, __u32 count, __u32 w)
{
	__u32 begin = w ? 0 : first & 63, end = (first & 63) + count;

	if (end <= w * 64)
		return 0;
	end -= w * 64;
	return (end >= 64 ? ~0ull : (1ull << end) - 1) & ~0ull << begin;
}

static __always_inline __u64 *word_of(struct datagram_flow *f, __u32 number)
{
	return &f->received[number >> 6 & (WINDOW_WORDS - 1)];
}

/*
 * Takes the numbers of one packet, the first as the packet tells it. False when one of them has arrived before, or is too
 * old to tell. Such an old number is late when the repair engine brings it; the gateway's copies come in order, so there
 * it means that the gateway counts anew.
 */
static __always_inline bool take(struct datagram_flow *f, __u16 number, __u32 datagrams, bool is_repair)
{
	__s32 ahead = (__s16)(number - f->highest);
	__u32 first, last, known, words;

	if (ahead < 0 && (63 - (f->highest & 63) + (__u32)-ahead) >> 6 >= WINDOW_WORDS) {
		if (is_repair)
			return false;
		for (int i = 0; i < WINDOW_WORDS; i++)
			f->received[i] = 0;
		f->highest = number;
		f->first = number;
		ahead = 0;
	}
	first = f->highest + ahead;
	if (ahead <= 0) {
		known = 1 - ahead;	/* from the first up to the highest */
		for (__u32 w = 0; w < PACKET_WORDS; w++)
			if (*word_of(f, first + w * 64) & bits_of(first, known < datagrams ? known : datagrams, w))
				return false;
	}
	if (seq_after(f->first, first))
		f->first = first;
	last = first + datagrams - 1;
	if (seq_after(last, f->highest)) {
		words = ((f->highest & 63) + (last - f->highest)) >> 6;
		for (__u32 i = 1; i <= WINDOW_WORDS; i++) {
			if (i > words)
				break;
			*word_of(f, f->highest + i * 64) = 0;
		}
		f->highest = last;
	}
	for (__u32 w = 0; w < PACKET_WORDS; w++)
		*word_of(f, first + w * 64) |= bits_of(first, datagrams, w);
	return true;
}

static __always_inline struct datagram_flow *datagram_flow_of(const struct flow_key *key, __u16 number)
{
	struct datagram_flow *f = bpf_map_lookup_elem(&datagram_flows, key);

	if (!f) {
		struct datagram_flow fresh = { .highest = number, .first = number };

		bpf_map_update_elem(&datagram_flows, key, &fresh, BPF_NOEXIST);
		f = bpf_map_lookup_elem(&datagram_flows, key);
	}
	return f;
}

static __always_inline void tell(struct datagram_flow *f, const struct flow_key *key, __u64 now)
{
	if (f->told_ns && now - f->told_ns < TELL_NS)
		return;
	if (bpf_ringbuf_output(&datagram_changes, (void *)key, sizeof(*key), BPF_RB_NO_WAKEUP) == 0)
		f->told_ns = now;
}

/* A datagram for a silent node, or one from the repair engine. */
__noinline int deliver_datagram(struct __sk_buff *skb, const struct segment *s, bool is_repair)
{
	struct datagram_flow *f;
	struct datagram_lock *l;
	bool is_new = true;
	__u32 stripe;
	__u16 number;
	__u64 now;

	if (!s)
		return TC_ACT_STOLEN;
	if (!number_of(skb, s, &number))
		return TC_ACT_OK;	/* an original: this node is about to learn that it is active */
	stripe = bpf_ntohs(s->key.client_port) % LOCKS;
	l = bpf_map_lookup_elem(&datagram_locks, &stripe);
	f = datagram_flow_of(&s->key, number);
	if (f && l) {
		now = bpf_ktime_get_ns();
		bpf_spin_lock(&l->lock);
		is_new = take(f, number, datagrams_in(skb, s), is_repair);
		bpf_spin_unlock(&l->lock);
		/* Who sees this time sees the datagram's bit. */
		*(volatile __u64 *)&f->last_ns = now;
		tell(f, &s->key, now);
	}
	count(is_new ? NODE_DATAGRAM_DELIVERED : NODE_DATAGRAM_DUPLICATE);
	return is_new ? TC_ACT_OK : TC_ACT_STOLEN;
}
