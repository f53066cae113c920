/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Does the replica say what the active node says? Both outputs pass this node, the replica's own at egress, the active node's
 * as copies at ingress, in different segments and at different times. Each is summed up byte by byte at its place in the
 * stream, block by block; the sums of a block must be equal, and so must those of what both have said of the block that they
 * are in, whenever they stand at the same byte. The sum is 64 bits wide and multilinear: every word of 8 bytes counts times
 * a number of its own, so that words in another order are another sum.
 *
 * Of a fast stream, only some blocks are summed up: who comes to a block first decides. A copy that was lost leaves a gap: then
 * both begin anew behind it. So they do behind a difference, and when they have agreed for long enough, it is forgotten: a
 * random number in a greeting, or the second in which an answer was given.
 */
#pragma once

#include "node.h"

#define DIGEST_EVERY_NS 50000	/* a flow's blocks are summed this often at most: 80 MB/s */
#define DIGEST_HEALED 1024	/* bytes after which a difference is forgotten */
#define DIGEST_PIECES 18	/* blocks that the largest packet can touch */
#define DIGEST_WORDS (DIGEST_BLOCK / 8 + 1)
#define GOLDEN_RATIO 0x9e3779b97f4a7c15ull

struct digest_scratch {
	__u64 words[DIGEST_WORDS + 1];
	__u64 sum;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct digest_scratch);
} digest_scratch SEC(".maps");

static __always_inline struct digest_scratch *scratch_of_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&digest_scratch, &zero);
}

/* What `length` bytes of the packet count at their place in the stream. A function of its own: the verifier reads it once. */
__noinline int sum_piece(struct __sk_buff *skb, __u32 offset, __u32 length, __u32 seq)
{
	struct digest_scratch *scratch = scratch_of_cpu();
	__u32 first = seq >> 3, pad = seq & 7, words;
	__u64 sum = 0;

	if (!scratch)
		return -1;
	scratch->sum = 0;
	if (length < 1 || length > DIGEST_BLOCK)
		return -1;
	words = (pad + length + 7) >> 3;
	barrier_var(words);
	if (words < 1 || words > DIGEST_WORDS)
		return -1;
	scratch->words[0] = 0;
	scratch->words[words - 1] = 0;
	if (bpf_skb_load_bytes(skb, offset, (__u8 *)scratch->words + pad, length) < 0)
		return -1;
	for (__u32 i = 0; i < DIGEST_WORDS; i++) {
		__u64 factor = (first + i) * GOLDEN_RATIO;

		if (i >= words)
			break;
		factor ^= factor >> 32;
		sum += scratch->words[i] * (factor | 1);
	}
	scratch->sum = sum;
	return 0;
}

/* A replica's output and its original's are compared from `from` on. */
static __always_inline void begin_digest(const struct flow_key *key, __u32 client_isn, __u32 from)
{
	const struct no_digest *empty;
	struct digest *d;
	__u32 zero = 0;

	empty = bpf_map_lookup_elem(&no_digest, &zero);
	if (!empty || bpf_map_update_elem(&digests, key, empty, BPF_ANY) < 0)
		return;
	d = bpf_map_lookup_elem(&digests, key);
	if (!d)
		return;
	d->own.next = from;
	d->active.next = from;
	d->own.is_summed = 1;
	d->active.is_summed = 1;
	barrier();
	d->client_isn = client_isn;
	if (!bpf_map_lookup_elem(&replicas, key))	/* user space has just forgotten it */
		bpf_map_delete_elem(&digests, key);
}

/* Under the lock: whatever was summed says nothing any more. */
static __always_inline void begin_anew(struct digest *d, __u32 from)
{
	from = seq_max(from, seq_max(d->own.next, d->active.next));
	d->own.next = from;
	d->active.next = from;
	d->own.sum = 0;
	d->active.sum = 0;
	d->own.is_summed = 1;
	d->active.is_summed = 1;
	d->head = d->tail;
	d->begun++;
	d->agreed_from = from;
}

enum digest_result {
	DIGEST_NOTHING,
	DIGEST_DIFFERS,
	DIGEST_AGREES,		/* again */
};

/* Under the lock: what both have said up to `at` was compared. */
static __always_inline enum digest_result judge(struct digest *d, bool differs, __u32 at)
{
	if (differs) {
		begin_anew(d, at);
		d->differs = 1;
		return DIGEST_DIFFERS;
	}
	if (!d->differs || seq_after(d->agreed_from + DIGEST_HEALED, at))
		return DIGEST_NOTHING;
	d->differs = 0;
	return DIGEST_AGREES;
}

/* Under the lock: both sides stand at the same byte of a block that both sum up. */
static __always_inline bool is_comparable(const struct digest_side *side, const struct digest_side *other)
{
	return side->next == other->next && side->is_summed && other->is_summed;
}

/*
 * Under the lock: a side comes to a new block. The one that is ahead decides whether it is summed up, and leaves the sums of
 * such blocks in a queue for the other.
 */
static __always_inline void enter_block(struct digest *d, struct digest_side *side, const struct digest_side *other, __u64 now)
{
	__u32 block = side->next / DIGEST_BLOCK;

	side->sum = 0;
	if (!seq_after(other->next, side->next)) {
		side->is_summed = now - d->summed_ns >= DIGEST_EVERY_NS && d->tail - d->head < DIGEST_SLOTS;
		if (side->is_summed)
			d->summed_ns = now;
		return;
	}
	for (int i = 0; i < DIGEST_SLOTS; i++) {
		__u32 waiting = d->slots[d->head % DIGEST_SLOTS].block;

		if (d->head == d->tail || !seq_after(block * DIGEST_BLOCK, waiting * DIGEST_BLOCK))
			break;
		d->head++;
	}
	if (other->next / DIGEST_BLOCK == block)	/* it is in this block itself */
		side->is_summed = other->is_summed;
	else
		side->is_summed = d->head != d->tail && d->slots[d->head % DIGEST_SLOTS].block == block;
}

/* Under the lock: a side has come to the end of a block. */
static __always_inline enum digest_result leave_block(struct digest *d, const struct digest_side *side,
						      const struct digest_side *other)
{
	__u32 block = side->next / DIGEST_BLOCK - 1;
	struct digest_slot *slot = &d->slots[d->head % DIGEST_SLOTS];

	if (!side->is_summed)
		return DIGEST_NOTHING;
	block &= ~0u / DIGEST_BLOCK;
	if (d->head != d->tail && slot->block == block) {
		d->head++;
		return judge(d, slot->sum != side->sum, side->next);
	}
	if (seq_after(side->next, other->next)) {
		slot = &d->slots[d->tail % DIGEST_SLOTS];
		slot->block = block;
		slot->sum = side->sum;
		d->tail++;
	}
	return DIGEST_NOTHING;
}

static __always_inline void keep_last(struct __sk_buff *skb, const struct segment *s, struct digest_side *side)
{
	__u32 length = s->payload;

	if (length > DIGEST_LAST)
		length = DIGEST_LAST;
	barrier_var(length);
	if (length < 1 || length > DIGEST_LAST)
		return;
	if (bpf_skb_load_bytes(skb, s->l4 + s->header + s->payload - length, side->last, length) < 0)
		return;
	side->last_length = length;
	side->last_end = s->seq + s->payload;
}

static __always_inline void report_difference(const struct segment *s, __u32 end)
{
	struct report *r = bpf_ringbuf_reserve(&reports, sizeof(*r), 0);

	count(NODE_DIFFERENCE);
	if (!r)
		return;		/* the flag in the replica says it, too */
	__builtin_memset(r, 0, sizeof(*r));
	r->kind = REPORT_DIFFERENCE;
	r->release = end;
	r->key = s->key;
	bpf_ringbuf_submit(r, 0);
}

/*
 * Takes in a segment of one side. Each side's segments come one after the other, its own under the socket's lock, the
 * copies as their queue has them. Returns an enum digest_result. The verifier reads this once, too.
 */
__noinline int digest(struct __sk_buff *skb, const struct segment *s, __u32 client_isn, bool is_own, bool is_heard)
{
	enum digest_result changed = DIGEST_NOTHING;
	struct digest_side *side, *other;
	struct digest *d;
	__u64 now;
	__u32 end;

	if (!s || !s->payload)
		return DIGEST_NOTHING;
	d = bpf_map_lookup_elem(&digests, &s->key);
	if (!d || d->client_isn != client_isn)
		return DIGEST_NOTHING;
	end = s->seq + s->payload;
	now = bpf_ktime_get_ns();
	side = is_own ? &d->own : &d->active;
	other = is_own ? &d->active : &d->own;
	if (is_heard && !seq_after(other->next, side->next))
		return DIGEST_NOTHING;	/* all that the other node has said is compared */
	if (seq_after(end, side->next))
		keep_last(skb, s, side);
	for (int i = 0; i < DIGEST_PIECES; i++) {
		enum digest_result result = DIGEST_NOTHING;
		struct digest_scratch *scratch;
		__u32 next, length, begun;
		bool is_summed;

		bpf_spin_lock(&d->lock);
		next = side->next;
		if (seq_after(s->seq, next))
			begin_anew(d, end);
		if (seq_after(s->seq, next) || !seq_after(end, next)) {
			bpf_spin_unlock(&d->lock);
			return changed;
		}
		if (next % DIGEST_BLOCK == 0)
			enter_block(d, side, other, now);
		begun = d->begun;
		is_summed = side->is_summed;
		bpf_spin_unlock(&d->lock);

		length = DIGEST_BLOCK - next % DIGEST_BLOCK;
		if (length > end - next)
			length = end - next;
		if (is_summed && sum_piece(skb, s->l4 + s->header + (next - s->seq), length, next) < 0)
			return changed;
		scratch = scratch_of_cpu();
		if (!scratch)
			return changed;

		bpf_spin_lock(&d->lock);
		if (d->begun != begun) {		/* the other side has found a gap meanwhile */
			bpf_spin_unlock(&d->lock);
			continue;
		}
		if (is_summed)
			side->sum += scratch->sum;
		side->next = next + length;
		if (side->next % DIGEST_BLOCK == 0)
			result = leave_block(d, side, other);
		else if (is_comparable(side, other))
			result = judge(d, side->sum != other->sum, side->next);
		bpf_spin_unlock(&d->lock);
		if (result == DIGEST_DIFFERS)
			report_difference(s, next + length);
		if (result != DIGEST_NOTHING)
			changed = result;
	}
	return changed;
}

static __always_inline void note_digest(struct replica *r, int result)
{
	if (result == DIGEST_DIFFERS)
		__sync_fetch_and_or(&r->flags, REPLICA_DIFFERS);
	else if (result == DIGEST_AGREES)
		__sync_fetch_and_and(&r->flags, ~REPLICA_DIFFERS);
}
