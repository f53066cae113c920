/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Does the replica say what the active node says? Both outputs pass this node, the replica's own at egress, the active node's
 * as copies at ingress, in different segments and at different times. Each is summed up byte by byte at its place in the
 * stream, block by block. The sums are compared at the end of a block, and wherever one side comes to the byte at which the
 * other stands: pieces are cut there. The sum is 64 bits wide and multilinear: both halves of every word of 8 bytes count
 * times numbers of their own, so that words in another order are another sum.
 *
 * Of a fast stream, only some blocks are summed up: who comes to a block first decides. A copy that was lost leaves a gap: then
 * both begin anew behind it. So they do behind a difference, and when they have agreed for long enough, it is forgotten, as the
 * second in which an answer was given. The greeting is not compared: what a server says before its client speaks a second
 * time, DIGEST_GREETING bytes at most. Servers say random things there that matter to nobody later.
 */
#pragma once

#include "node.h"

#define DIGEST_EVERY_NS 200000	/* a flow's blocks are summed this often at most: 20 MB/s */
#define DIGEST_HEALED 1024	/* bytes after which a difference is forgotten */
#define DIGEST_GREETING 1024
#define FAR_PAST (1u << 20)	/* nothing that a dead node said last lies so far behind what is said now */
#define DIGEST_PIECES 20	/* blocks that the largest packet can touch, and a cut */
#define DIGEST_WORDS (DIGEST_BLOCK / 8 + 1)
#define GOLDEN_RATIO 0x9e3779b97f4a7c15ull
#define SECOND_FACTOR 0xbf58476d1ce4e5b9ull	/* of splitmix64 */

struct digest_scratch {
	__u64 words[DIGEST_WORDS + 1];
	__u64 sum;
	__u8 said[DIGEST_LAST];
	__u8 last[DIGEST_LAST];
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
		factor = (factor ^ factor >> 29) * SECOND_FACTOR;
		sum += (scratch->words[i] >> 32) * (factor ^ factor >> 32);	/* a byte at the top counts for little above */
	}
	scratch->sum = sum;
	return 0;
}

/* The part of the configuration that a segment's service is in, or NULL. */
static __always_inline const struct port_range *service_of(const struct segment *s, __u8 protocol)
{
	const struct vip *vip = vip_of(s->key.service);

	return vip ? range_of(vip, s, protocol) : NULL;
}

/*
 * A replica's output and its original's are compared from `from` on, or from where their client speaks a second time; the service's
 * owner may not want it. The verifier reads this once.
 */
__noinline int begin_digest(const struct segment *s, __u32 client_isn, __u32 first, __u32 from)
{
	const struct port_range *range;
	const struct no_digest *empty;
	struct digest *d;
	__u32 zero = 0;

	if (!s)
		return 0;
	range = service_of(s, IPPROTO_TCP);
	empty = bpf_map_lookup_elem(&no_digest, &zero);
	if (!range || range->comparison == COMPARE_NOTHING || !empty || bpf_map_update_elem(&digests, &s->key, empty, BPF_ANY) < 0)
		return 0;
	d = bpf_map_lookup_elem(&digests, &s->key);
	if (!d)
		return 0;
	bpf_spin_lock(&d->lock);
	d->all = range->comparison == COMPARE_ALL;
	d->first = first;
	d->from = from;
	d->own.next = from;
	d->active.next = from;
	d->own.is_summed = 1;
	d->active.is_summed = 1;
	d->own.last_end = from - first > DIGEST_GREETING ? from : first;	/* of one that was adopted, `first` is long ago */
	d->active.last_end = d->own.last_end;
	d->client_isn = client_isn;
	bpf_spin_unlock(&d->lock);
	if (!bpf_map_lookup_elem(&replicas, &s->key))	/* user space has just forgotten it */
		bpf_map_delete_elem(&digests, &s->key);
	return 0;
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
	d->agreed = 0;
}

/* The client has read what its server had said first, and speaks again: from here on, what is said counts. */
static __always_inline void end_greeting(const struct segment *s, struct replica *r)
{
	struct digest *d = bpf_map_lookup_elem(&digests, &s->key);
	__u32 from = seq_max(s->ack, seq_max(r->sent, r->active_next));

	if (!d || d->client_isn != r->client_isn || !seq_after(s->ack, d->first))
		return;
	__sync_fetch_and_or(&r->flags, REPLICA_GREETED);
	bpf_spin_lock(&d->lock);
	if (seq_after(d->from, from))
		d->from = from;
	if (d->own.next == d->active.next && seq_after(d->own.next, from) && !d->begun) {
		d->own.next = from;
		d->active.next = from;
	}
	bpf_spin_unlock(&d->lock);
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
	if (!d->differs || d->agreed < DIGEST_HEALED)
		return DIGEST_NOTHING;
	d->differs = 0;
	return DIGEST_AGREES;
}

/* Under the lock: both sides stand at the same byte of a block that both sum up. */
static __always_inline bool is_comparable(const struct digest_side *side, const struct digest_side *other)
{
	return side->next == other->next && side->is_summed && other->is_summed;
}

/* May another block be summed up now? */
static __always_inline bool is_due(const struct digest *d, __u64 now)
{
	return (d->all || now - d->summed_ns >= DIGEST_EVERY_NS) && d->tail - d->head < DIGEST_SLOTS;
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
		side->is_summed = is_due(d, now);
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

static __always_inline void shorten(__u32 *length, __u32 from, __u32 to)
{
	if (seq_after(to, from) && *length > to - from)
		*length = to - from;
}

/*
 * Under the lock: how far a side goes in one step. Pieces that are summed up are parts of a block, cut where the other side
 * stands. What is left out is passed over as far as it goes: up to a block that the other side has summed up or is about to,
 * or, where nobody was before, to the next block when one is due.
 */
static __always_inline __u32 step_of(const struct digest *d, const struct digest_side *side, const struct digest_side *other,
				     __u32 end, __u64 now)
{
	__u32 next = side->next, length = end - next;

	if (side->is_summed) {
		shorten(&length, next, next - next % DIGEST_BLOCK + DIGEST_BLOCK);
		shorten(&length, next, other->next);
	} else if (seq_after(other->next, next)) {
		shorten(&length, next, other->is_summed ? other->next - other->next % DIGEST_BLOCK : other->next);
		if (d->head != d->tail)
			shorten(&length, next, d->slots[d->head % DIGEST_SLOTS].block * DIGEST_BLOCK);
	} else if (is_due(d, now)) {
		shorten(&length, next, next - next % DIGEST_BLOCK + DIGEST_BLOCK);
	}
	return length;
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

/* For people: the replica's flag says it to the programs. Segments that wait come first. */
static __always_inline void report_difference(const struct segment *s, __u32 end)
{
	if (bpf_ringbuf_query(&reports, BPF_RB_AVAIL_DATA) < REPORT_BYTES / 4)
		report(REPORT_DIFFERENCE, &s->key, end);
}

/* What counts as a difference before `at` until both have agreed for long. */
static __always_inline void note_difference(const struct segment *s, struct replica *r, __u32 at)
{
	struct digest *d = bpf_map_lookup_elem(&digests, &s->key);
	bool was_different = true;

	if (d) {
		bpf_spin_lock(&d->lock);
		was_different = d->differs;
		judge(d, true, at);
		bpf_spin_unlock(&d->lock);
	}
	__sync_fetch_and_or(&r->flags, REPLICA_DIFFERS);
	count(NODE_DIFFERENCE);
	if (!was_different)
		report_difference(s, at);
}

/* A segment of one side, being taken in. */
struct intake {
	struct __sk_buff *skb;
	const struct segment *s;
	struct replica *r;
	struct digest *d;
	struct digest_side *side, *other;
	__u64 now;
	__u32 client_isn;
	bool is_heard;
};

enum { ANOTHER_PIECE, NO_MORE };	/* what bpf_loop() goes by */

static int digest_piece(__u32 i, struct intake *in)
{
	struct digest_side *side = in->side, *other = in->other;
	const struct segment *s = in->s;
	enum digest_result result = DIGEST_NOTHING;
	struct digest_scratch *scratch;
	struct replica *r = in->r;
	struct digest *d = in->d;
	__u32 next, length, begun, end = s->seq + s->payload;
	bool is_summed, was_different;

	bpf_spin_lock(&d->lock);
	next = side->next;
	if (d->client_isn != in->client_isn || !seq_after(end, next) || (in->is_heard && !seq_after(other->next, next))) {
		bpf_spin_unlock(&d->lock);
		return NO_MORE;	/* said before; or all that the dead node had said is compared */
	}
	if (seq_after(s->seq, next)) {
		if (s->seq - next < FAR_AHEAD)
			begin_anew(d, end);
		bpf_spin_unlock(&d->lock);
		return NO_MORE;
	}
	if (next % DIGEST_BLOCK == 0)
		enter_block(d, side, other, in->now);
	begun = d->begun;
	is_summed = side->is_summed;
	length = step_of(d, side, other, end, in->now);
	bpf_spin_unlock(&d->lock);

	if (is_summed && sum_piece(in->skb, s->l4 + s->header + (next - s->seq), length, next) < 0)
		return NO_MORE;
	scratch = scratch_of_cpu();
	if (!scratch)
		return NO_MORE;

	bpf_spin_lock(&d->lock);
	if (d->client_isn != in->client_isn || d->begun != begun || side->next != next) {
		bpf_spin_unlock(&d->lock);
		return ANOTHER_PIECE;	/* the other side has found a gap meanwhile, or another CPU was quicker */
	}
	was_different = d->differs;
	side->next = next + length;
	if (is_summed) {
		side->sum += scratch->sum;
		if (!seq_after(side->next, other->next))
			d->agreed += length;
	}
	if (r->short_by)
		d->agreed = 0;	/* answers that are all alike agree whichever is missing */
	if (side->next % DIGEST_BLOCK == 0)
		result = leave_block(d, side, other);
	else if (is_comparable(side, other))
		result = judge(d, side->sum != other->sum, side->next);
	if (result == DIGEST_DIFFERS)
		__sync_fetch_and_or(&r->flags, REPLICA_DIFFERS);
	else if (result == DIGEST_AGREES)
		__sync_fetch_and_and(&r->flags, ~REPLICA_DIFFERS);
	bpf_spin_unlock(&d->lock);
	if (result == DIGEST_DIFFERS) {
		count(NODE_DIFFERENCE);
		if (!was_different)
			report_difference(s, next + length);
	}
	return next + length == end ? NO_MORE : ANOTHER_PIECE;
}

/*
 * Under the lock: numbers that stood still would look new after 2 GiB. So the greeting's end follows both sides, and a dead node's side
 * follows the one that is heard, once that is far past it.
 */
static __always_inline void follow(struct digest *d, const struct intake *in)
{
	__u32 end = in->side->last_end;

	if (in->is_heard && end - in->other->last_end > FAR_PAST && seq_after(end, in->other->last_end)) {
		in->other->last_length = 0;
		in->other->last_end = end;
		begin_anew(d, end);
	}
	if (seq_after(end, in->other->last_end))
		end = in->other->last_end;
	if (seq_after(end, d->from))
		d->from = end;
}

static __noinline int keep_last(const struct intake *in)
{
	struct digest_scratch *scratch = scratch_of_cpu();
	struct digest_side *side = in->side;
	const struct segment *s = in->s;
	struct digest *d = in->d;
	__u32 length = s->payload;

	if (length > DIGEST_LAST)
		length = DIGEST_LAST;
	barrier_var(length);
	if (!scratch || length < 1 || length > DIGEST_LAST ||
	    bpf_skb_load_bytes(in->skb, s->l4 + s->header + s->payload - length, scratch->said, length) < 0)
		return 0;
	bpf_spin_lock(&d->lock);
	if (d->client_isn == in->client_isn) {
		side->last_length = 0;	/* while it is written: user space reads without the lock */
		barrier();
		__builtin_memcpy(side->last, scratch->said, DIGEST_LAST);
		side->last_end = s->seq + s->payload;
		barrier();
		side->last_length = length;
		follow(d, in);
	}
	bpf_spin_unlock(&d->lock);
	return 0;
}

/*
 * What a side says for the first time is compared byte by byte with the end of what the other has said last, where it lies there. Sums do
 * not: an answer that is longer than the other one has no end at which both stand, until the next one comes, or the active node dies; and what
 * lies before a copy that was lost, or that another one overtook, is left out. Its own end is kept before: of two processors that meet, the
 * second sees what the first has kept.
 */
static __noinline int compare_last(const struct intake *in, __u32 from)
{
	struct digest_scratch *scratch = scratch_of_cpu();
	struct digest_side *other = in->other;
	const struct segment *s = in->s;
	struct digest *d = in->d;
	__u32 to, first, length, offset;

	if (!scratch || !seq_after(other->last_end, from))
		return 0;	/* as nearly always */
	bpf_spin_lock(&d->lock);
	if (d->client_isn != in->client_isn) {
		bpf_spin_unlock(&d->lock);
		return 0;
	}
	__builtin_memcpy(scratch->last, other->last, DIGEST_LAST);
	to = other->last_end;
	first = to - other->last_length;
	bpf_spin_unlock(&d->lock);
	from = seq_max(from, first);
	if (seq_after(to, s->seq + s->payload))
		to = s->seq + s->payload;
	length = to - from;
	offset = from - first;
	barrier_var(length);
	barrier_var(offset);
	if (length < 1 || length > DIGEST_LAST || offset >= DIGEST_LAST ||
	    bpf_skb_load_bytes(in->skb, s->l4 + s->header + (from - s->seq), scratch->said, length) < 0)
		return 0;
	for (__u32 i = 0; i < DIGEST_LAST; i++) {
		__u32 at = offset + i;

		if (i >= length || at >= DIGEST_LAST)
			break;
		if (scratch->said[i] != scratch->last[at]) {
			note_difference(s, in->r, from + i + 1);
			break;
		}
	}
	return 0;
}

/*
 * Takes in a segment of one side, and notes in the replica whether the two differ. A side's segments mostly come one after
 * the other, its own under the socket's lock, the copies as their queue has them; where two CPUs meet, one looks again. The
 * verifier reads this once, and the loop's body once.
 */
__noinline int digest(struct __sk_buff *skb, const struct segment *s, __u32 client_isn, bool is_own, bool is_heard)
{
	struct intake in = {};
	__u32 from;

	if (!s || !s->payload)
		return 0;
	in.d = bpf_map_lookup_elem(&digests, &s->key);
	in.r = bpf_map_lookup_elem(&replicas, &s->key);
	if (!in.d || !in.r || in.d->client_isn != client_isn || in.r->client_isn != client_isn)
		return 0;
	in.skb = skb;
	in.s = s;
	in.side = is_own ? &in.d->own : &in.d->active;
	in.other = is_own ? &in.d->active : &in.d->own;
	in.now = bpf_ktime_get_ns();
	in.client_isn = client_isn;
	in.is_heard = is_heard;
	bpf_loop(DIGEST_PIECES, digest_piece, &in, 0);
	if (!seq_after(s->seq + s->payload, in.side->last_end))
		return 0;
	from = seq_max(seq_max(s->seq, in.side->last_end), in.d->from);
	keep_last(&in);
	if (!(in.r->flags & REPLICA_DIFFERS))
		compare_last(&in, from);
	return 0;
}
