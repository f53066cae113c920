/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* Datagrams at the gateway: those of clients numbered, recorded, copied; those of the active node copied. */
#pragma once

#include "datagram.h"
#include "record.h"

/* A client's end that sends datagrams to a service. */
struct datagram_source {
	__u64 last_ns;		/* CLOCK_MONOTONIC */
	__u32 next;		/* number of the next datagram */
	__u32 reserved;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct flow_key);
	__type(value, struct datagram_source);
} datagrams SEC(".maps");

/* Numbers begin where the clock stands (in 2^20 ns), so that a source which was forgotten hardly repeats its last ones. */
static __always_inline struct datagram_source *source_of(const struct flow_key *key, __u64 now)
{
	struct datagram_source *d = bpf_map_lookup_elem(&datagrams, key);

	if (!d) {
		struct datagram_source fresh = { .last_ns = now, .next = now >> 20 };

		bpf_map_update_elem(&datagrams, key, &fresh, BPF_NOEXIST);
		d = bpf_map_lookup_elem(&datagrams, key);
	}
	return d;
}

/* What is recorded of a packet; a bpf_loop() context. */
struct datagram_walk {
	struct __sk_buff *skb;
	struct segment piece;	/* of which seq is the number */
	__u32 left;
	__u32 size;		/* bytes of each datagram but the last */
	__u32 active;
	bool is_full;
};

static long record_datagram(__u64 index, void *context)
{
	struct datagram_walk *w = context;

	w->piece.payload = w->left < w->size ? w->left : w->size;
	if (record_piece(w->skb, &w->piece, RECORD_DATAGRAM, 0, w->active)) {
		w->is_full = true;
		return 1;
	}
	count(GATEWAY_DATAGRAM_RECORDED);
	w->left -= w->piece.payload;
	w->piece.l4 += w->piece.payload;
	w->piece.seq++;
	return 0;
}

/*
 * Numbers and records a packet's datagrams, then copies it to the replicas. False: the packet must not pass. A number
 * whose datagram found no room stays unused: datagrams may be lost.
 */
static __always_inline bool replicate_datagrams(struct __sk_buff *skb, const struct segment *s,
						const struct gateway_state *state, __u64 assignment)
{
	struct datagram_walk walk = { .skb = skb, .piece = *s, .left = s->payload, .active = active_of(assignment) };
	__u32 n = datagrams_in(skb, s), first, word, plain, copy;
	__u64 now = bpf_ktime_get_ns();
	struct datagram_source *d;

	if (n > MAX_DATAGRAMS) {
		count(GATEWAY_PASS_OTHER);
		return true;
	}
	d = source_of(&s->key, now);
	if (!d) {
		count(GATEWAY_FLOW_TABLE_FULL);
		return true;
	}
	d->last_ns = now;
	first = __sync_fetch_and_add(&d->next, n);

	walk.size = skb->gso_size ? skb->gso_size : s->payload;
	walk.piece.l4 = s->l4 + s->header;
	walk.piece.seq = first;
	bpf_loop(n, record_datagram, &walk, 0);
	if (walk.is_full)
		return false;

	if (load_ip_word(skb, s, &word))
		return false;
	plain = unmarked(s, word);
	if (!(assignment >> 8 & 0xff))
		return plain == word || store_ip_word(skb, s, word, plain) == 0;
	copy = numbered(s, word, first);
	if (store_ip_word(skb, s, word, copy)) {
		count(GATEWAY_COPY_FAILED);
		return true;
	}
	copy_to_replicas(skb, state, assignment, GATEWAY_COPIED_TO_REPLICA);
	return store_ip_word(skb, s, copy, plain) == 0;
}

/*
 * A datagram of the active node. The replicas' copies, which are compared with what these say, carry the number of the
 * client's last one. False: the packet must not pass.
 */
static __always_inline bool pass_answer(struct __sk_buff *skb, const struct segment *s, const struct gateway_state *state,
					__u64 assignment)
{
	const struct datagram_source *d;
	__u32 word, copy;

	d = bpf_map_lookup_elem(&datagrams, &s->key);
	if (!d || load_ip_word(skb, s, &word)) {
		count(GATEWAY_PASS_OTHER);	/* nobody has asked: the replicas are not expected to say it */
		return true;
	}
	if (!(assignment >> 8 & 0xff))
		return true;
	copy = numbered(s, word, *(volatile __u32 *)&d->next - 1);
	if (store_ip_word(skb, s, word, copy)) {
		count(GATEWAY_COPY_FAILED);
		return true;
	}
	copy_to_replicas(skb, state, assignment, GATEWAY_COPIED_FROM_ACTIVE);
	return store_ip_word(skb, s, copy, word) == 0;
}
