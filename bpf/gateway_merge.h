/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Hot and agreed output: of a flow that has an entry in `voices`, both nodes' output reaches the gateway, in the same sequence numbers, and
 * the client gets whichever copy of each byte comes first, or what all have said. Per flow and under one lock, since each node's frames come on a
 * processor of their own:
 *   new bytes            pass, whole: what a client has already it drops itself
 *   a second copy        is dropped; where its acknowledgement or window is news, the headers go on alone
 *   what a node repeats  passes: its stack has reason to believe that it was lost
 *   acknowledgements     the highest of either, for what only one has received the record holds for the other; how often one is repeated is
 *                        counted by node, and the first to come to a number of repetitions is heard
 *   windows              end where the nearest does of the nodes that go on; a right edge that was shown never moves left
 *   timestamps           never go back (RFC 7323 section 5.3: a client drops what is older than what it has)
 * Where the nodes have to agree (enum voice_mode), new bytes are handed over to user space instead, and come back when they may pass.
 * docs/decisions/0012-the-first-copy-wins.md and 0014-what-all-have-said.md say why.
 */
#pragma once

#include "gateway_agree.h"
#include "gateway_close.h"

#define TCP_FLAG_URG 0x20

/* Linux puts its options there (tcp_options_write()): two NOPs, the timestamps, and behind them nothing but selective acknowledgements. */
#define TCP_OFF_OPTIONS 20
#define TIMESTAMP_OPTION 0x0101080au
#define TIMESTAMP_BYTES 12
#define TCP_OFF_TSVAL (TCP_OFF_OPTIONS + 4)
#define FOUR_NOPS 0x01010101u

/*
 * For so long a client waits for a node that does not move on: at least, at first, at most. A node that is dead would be noticed by that; one
 * whose processor is busy has pauses, and is better waited for than served from the record. Longer ones are no pauses, but failures.
 */
#define LEAST_PATIENCE_NS (4ull * 1000 * 1000)
#define FIRST_PATIENCE_NS (8ull * 1000 * 1000)
#define LONGEST_PAUSE_NS (20ull * 1000 * 1000)

/* After so long without a pause the patience is halved. */
#define PAUSE_FORGOTTEN_NS (5ull * 1000 * 1000 * 1000)

/* With less room than this a client may have none for a segment. */
#define LEAST_ROOM 16384

/* What the lock protects is decided there; the frame is rewritten afterwards. */
struct merge_verdict {
	__u32 seq, ack, tsval;
	__u16 window;
	bool passes;
	bool is_cut;		/* its headers alone pass */
	__u32 won_by;		/* index of the node that was first, NO_NODE when nothing was compared */
	__u64 won_ns;		/* by so much */
};

/* How much the first node was ahead, in powers of two of a microsecond. */
static __always_inline void note_win(__u32 node, __u64 ns)
{
	__u32 key, bucket = 0;
	__u64 left = ns / 1000, *n;

	for (int i = 0; i < WIN_BUCKETS - 1; i++) {
		if (!left)
			break;
		left >>= 1;
		bucket++;
	}
	key = node * (WIN_BUCKETS + 1) + bucket;
	n = bpf_map_lookup_elem(&wins, &key);
	if (n)
		(*n)++;
	key = node * (WIN_BUCKETS + 1) + WIN_BUCKETS;
	n = bpf_map_lookup_elem(&wins, &key);
	if (n)
		*n += ns;
}

/* Who besides the active node speaks to the client of this flow, or NULL: nobody ever did. */
static __always_inline const struct voice *voice_of(const struct segment *s, const struct gateway_state *state)
{
	const struct voice *v;
	const struct flow *f;

	if (!*(volatile __u32 *)&state->voiced)
		return NULL;
	f = bpf_map_lookup_elem(&flows, &s->key);
	v = bpf_map_lookup_elem(&voices, &s->key);
	return f && v && v->client_isn == f->handshake.client_isn ? v : NULL;
}

/* The client gets headers only: the payload is its second copy. The checksum is that of the stack's own pure ACKs. */
__noinline int cut_to_ack(struct __sk_buff *skb, const struct segment *s)
{
	struct summed b = {};
	__u32 header;
	__u64 pseudo;
	__u16 field;

	if (!s)
		return -1;
	header = s->header;
	barrier_var(header);
	if (header < sizeof(struct tcphdr) || header > sizeof(b.tcp) || bpf_skb_load_bytes(skb, s->l4, b.tcp, header) < 0)
		return -1;
	__builtin_memcpy(b.client, s->key.client, 16);
	__builtin_memcpy(b.service, s->key.service, 16);
	if (!s->ipv6) {
		__builtin_memset(b.client, 0, 12);
		__builtin_memset(b.service, 0, 12);
	}
	b.protocol = bpf_htonl(IPPROTO_TCP);
	b.length = bpf_htonl(s->header + s->payload);
	pseudo = bpf_csum_diff(NULL, 0, (__be32 *)&b, offsetof(struct summed, tcp), 0);
	__builtin_memcpy(&field, b.tcp + TCP_OFF_CSUM, 2);
	__builtin_memset(b.tcp + TCP_OFF_CSUM, 0, 2);
	b.length = bpf_htonl(s->header);
	if (field == fold_sum(pseudo)) {	/* CHECKSUM_PARTIAL: the device adds the rest */
		field = fold_sum(bpf_csum_diff(NULL, 0, (__be32 *)&b, offsetof(struct summed, tcp), 0));
	} else {
		field = ~fold_sum(bpf_csum_diff(NULL, 0, (__be32 *)&b, sizeof(b), 0));
	}
	if (!cut_tail(skb, s))
		return -1;
	bpf_skb_store_bytes(skb, s->l4 + TCP_OFF_CSUM, &field, 2, 0);
	change_flags(skb, s->l4, TCP_FLAG_URG | TCP_FLAG_PSH | TCP_FLAG_FIN, 0);
	return 0;
}

/* The node's selective acknowledgements lie below what the client is told: it would take them for duplicates (RFC 2883 section 4). */
static __always_inline void erase_sacks(struct __sk_buff *skb, const struct segment *s, __u32 at)
{
	for (int i = 0; i < 10; i++, at += 4) {
		__be32 old;

		if (at + 4 > s->header || bpf_skb_load_bytes(skb, s->l4 + at, &old, 4) < 0)
			break;
		replace_u32(skb, s->l4, at, bpf_ntohl(old), FOUR_NOPS);
	}
}

static __always_inline void apply_verdict(struct __sk_buff *skb, const struct segment *s, const struct merge_verdict *v, bool has_tsval, __u32 tsval)
{
	__be16 old = bpf_htons(s->window), new = bpf_htons(v->window);

	if (v->ack != s->ack)
		erase_sacks(skb, s, TCP_OFF_OPTIONS + (has_tsval ? TIMESTAMP_BYTES : 0));
	replace_u32(skb, s->l4, TCP_OFF_SEQ, s->seq, v->seq);
	replace_u32(skb, s->l4, TCP_OFF_ACK, s->ack, v->ack);
	if (has_tsval)
		replace_u32(skb, s->l4, TCP_OFF_TSVAL, tsval, v->tsval);
	if (old != new) {
		bpf_l4_csum_replace(skb, s->l4 + TCP_OFF_CSUM, old, new, 2);
		bpf_skb_store_bytes(skb, s->l4 + TCP_OFF_WINDOW, &new, 2, 0);
	}
}

/*
 * Under the lock: has the other node now said, too, what one was seen to say first? What a replica says when its client has it already
 * does not come here: of that nothing is known.
 */
static __always_inline void compare_pace(struct merge *m, const struct merge_side *side, const struct segment *s, __u32 node, bool is_new,
					 __u64 now, struct merge_verdict *v)
{
	__u32 end = segment_end(s);

	if (m->mark_ns && m->mark_node != node && !seq_after(m->mark_end, side->sent)) {
		if (seq_after(m->mark_end, s->seq)) {
			v->won_by = m->mark_node;
			v->won_ns = now - m->mark_ns;
		}
		m->mark_ns = 0;
	}
	if (is_new)
		m->first |= 1u << node;
	if (is_new && !m->mark_ns) {
		m->mark_ns = now;
		m->mark_node = node;
		m->mark_end = end;
	}
}

/* Under the lock. Of the node nothing is known that counts, but this: it has sent everything below, and what it acknowledges now is news. */
static __always_inline void begin_side(struct merge_side *side, __u32 sent, __u32 ack, __u32 right, __u64 now)
{
	side->sent = sent;
	side->acked = ack - 1;
	side->repeats = 0;
	side->right = right;
	side->behind_ns = 0;
	side->patience_ns = FIRST_PATIENCE_NS;
	side->paused_ns = now;
}

/* Under the lock. The node has moved on: how long was it waited for, and how long may that be the next time? */
static __always_inline void note_move(struct merge_side *side, __u64 now)
{
	__u64 pause = side->behind_ns ? now - side->behind_ns : 0;

	side->behind_ns = 0;
	if (pause < LONGEST_PAUSE_NS && pause > side->patience_ns / 2) {
		side->patience_ns = 2 * pause;
		side->paused_ns = now;
	} else if (now - side->paused_ns > PAUSE_FORGOTTEN_NS) {
		side->patience_ns = side->patience_ns / 2;
		side->paused_ns = now;
	}
	if (side->patience_ns < LEAST_PATIENCE_NS)
		side->patience_ns = LEAST_PATIENCE_NS;
}

/*
 * Under the lock. Where the window may end that the client is shown: where the nearest does of the nodes that go on, since what finds no room
 * at one of them has to come from the record. A node is waited for while it has not what another has acknowledged, or the client stands at its edge; one that
 * lacks what the client is not going to send again, since it is acknowledged and beyond that edge, has the way of the record before it in any case.
 */
static __always_inline __u32 nearest_right(struct merge *m, const struct flow *f, __u32 right, __u32 ack, __u64 now)
{
	bool stands = (__s32)(f->edge - f->client_next) < LEAST_ROOM;
	__u32 nearest = right;

	for (int i = 0; i < MAX_NODES; i++) {
		struct merge_side *side = &m->sides[i];

		if (!(m->known & 1u << i))
			continue;
		if (!seq_after(ack, side->acked) && !(stands && seq_after(right, side->right)))
			side->behind_ns = 0;
		else if (!side->behind_ns)
			side->behind_ns = now;
		if ((!side->behind_ns || now - side->behind_ns < side->patience_ns) && !seq_after(ack, side->right) && seq_after(nearest, side->right))
			nearest = side->right;
	}
	return nearest;
}

/* Under the lock. The window that ends there, or where it ended before if that is further; rounded as tcp_select_window() does. */
static __always_inline void show_window(struct flow *f, const struct segment *s, __u32 right, __u8 scale, struct merge_verdict *v)
{
	__u32 edge = seq_max(f->edge, right), window;

	if (v->ack == s->ack && edge == s->ack + ((__u32)s->window << scale)) {
		v->window = s->window;
	} else {
		window = seq_after(edge, v->ack) ? (edge - v->ack) >> scale : 0;
		if (seq_after(edge, v->ack + (window << scale)))
			window++;
		if (window > 0xffff)
			window = 0xffff;
		v->window = window;
		edge = v->ack + (window << scale);
	}
	f->edge = seq_max(f->edge, edge);
}

/*
 * Under the lock. Is this edge worth telling a client that learns nothing else? As with a stack's own updates, when its room doubles
 * (__tcp_select_window()): two nodes that move in turns do not send twice the acknowledgements.
 */
static __always_inline bool is_wider(const struct flow *f, __u32 right, __u32 ack)
{
	__u32 room = seq_after(f->edge, ack) ? f->edge - ack : 0;

	return seq_after(right, f->edge) && right - ack >= 2 * room;
}

enum { MERGE_DROP, MERGE_CUT, MERGE_PASS };

enum merge_source {
	FROM_REPLICA,
	FROM_ACTIVE,
	FROM_USER,	/* what the nodes have agreed on; it has the headers of one of them, and says nothing about that one */
};

/* May what this source says pass, if it is new to the client? */
static __always_inline bool is_free(__u32 from, __u32 mode)
{
	return from == FROM_USER || mode == VOICE_FIRST || (mode == VOICE_ACTIVE && from == FROM_ACTIVE);
}

/*
 * A segment of a node that may speak, rewritten if it passes. What the flow is known to have sent is noted here: track_server() is
 * for flows with one voice. A flow's merging begins with a segment of the active node. The verifier reads this once.
 */
__noinline int merge(struct __sk_buff *skb, const struct segment *s, __u32 node, __u32 from, __u32 mode)
{
	bool has_content, is_new, is_repeat, is_news, is_limited, has_tsval = false, free = is_free(from, mode);
	struct merge_verdict v = { .won_by = NO_NODE };
	const struct gateway_state *state = state_of_gateway();
	__u32 end, isn, own, right, tsval = 0;
	struct merge_side *side;
	__be32 options[2];
	struct merge *m;
	struct flow *f;
	__u64 now;
	__u8 scale;

	barrier_var(node);	/* the bound must be seen on the value that is the index */
	if (!s || !state || node >= MAX_NODES)
		return MERGE_DROP;
	f = bpf_map_lookup_elem(&flows, &s->key);
	m = bpf_map_lookup_elem(&merges, &s->key);
	if (!f || !m)
		return from == FROM_REPLICA ? MERGE_DROP : MERGE_PASS;
	isn = f->handshake.client_isn;
	end = segment_end(s);
	has_content = end != s->seq;
	side = &m->sides[node];
	if (s->header >= TCP_OFF_OPTIONS + TIMESTAMP_BYTES && bpf_skb_load_bytes(skb, s->l4 + TCP_OFF_OPTIONS, options, 8) == 0 &&
	    options[0] == bpf_htonl(TIMESTAMP_OPTION)) {
		has_tsval = true;
		tsval = bpf_ntohl(options[1]);
	}
	scale = is_scaled(&f->handshake) ? f->handshake.server_wscale & 15 : 0;
	own = s->ack + ((__u32)s->window << scale);
	right = bounded_right(s, f, state, own);
	now = bpf_ktime_get_ns();

	bpf_spin_lock(&m->lock);
	if (m->client_isn != isn || !m->known) {
		if (from == FROM_REPLICA) {
			bpf_spin_unlock(&m->lock);
			return MERGE_DROP;
		}
		m->client_isn = isn;
		m->next = free && from == FROM_ACTIVE ? seq_max(f->server_next, s->seq) : f->server_next;
		m->ack = f->server_ack;
		m->tsval = tsval;
		m->known = from == FROM_ACTIVE ? 1u << node : 0;
		m->repeats = 0;
		m->mark_ns = 0;
		m->first = 0;
		begin_side(side, m->next, s->ack, right, now);
		f->flags |= FLOW_MERGED;
	}
	/* What a node said before it was not heard for long says nothing: after 2 GiB it would look new. */
	if (from != FROM_USER && (!(m->known & 1u << node) || m->next - side->sent + FAR_AHEAD > 2 * FAR_AHEAD)) {
		m->known |= 1u << node;
		begin_side(side, s->seq, s->ack, right, now);
	}
	is_new = seq_after(end, m->next);
	/* Where they have to agree, what a replica repeats may be what nobody has compared. */
	is_repeat = seq_after(side->sent, s->seq) && (free || (!is_new && from == FROM_ACTIVE));
	if (from != FROM_USER) {
		side->sent = seq_max(side->sent, end);
		if (seq_after(s->ack, side->acked) || seq_after(right, side->right)) {
			side->right = seq_max(side->right, right);
			note_move(side, now);
		}
		if (seq_after(s->ack, side->acked)) {
			side->acked = s->ack;
			side->repeats = 0;
		} else if (!has_content && s->ack == side->acked) {
			side->repeats++;
			if (side->behind_ns)
				side->behind_ns = now;	/* it lacks something, and is getting it */
		}
		compare_pace(m, side, s, node, is_new, now, &v);
	}
	right = nearest_right(m, f, right, seq_max(m->ack, s->ack), now);
	is_limited = right != own;
	is_news = seq_after(s->ack, m->ack) || is_wider(f, right, m->ack);
	v.passes = is_repeat || (is_new && free) || from == FROM_USER;
	v.is_cut = has_content && !v.passes && is_news;
	v.passes |= is_news;
	if (!has_content && !v.passes)
		v.passes = s->ack == m->ack && seq_after(side->repeats, m->repeats);
	if (v.passes) {
		if (seq_after(s->ack, m->ack)) {
			m->ack = s->ack;
			m->repeats = 0;
		} else if (s->ack == m->ack && side->acked == s->ack) {
			m->repeats = seq_max(m->repeats, side->repeats);
		}
		v.ack = m->ack;
		if (free)
			m->next = seq_max(m->next, end);
		v.seq = v.is_cut || (!has_content && !is_repeat) ? m->next : s->seq;
		if (has_tsval)
			m->tsval = seq_max(m->tsval, tsval);
		v.tsval = m->tsval;
		show_window(f, s, right, scale, &v);
		f->server_next = m->next;
		f->server_ack = m->ack;
		f->server_bytes += v.is_cut ? 0 : s->payload;
		f->last_ns = now;
	}
	bpf_spin_unlock(&m->lock);

	if (v.won_by < MAX_NODES)
		note_win(v.won_by, v.won_ns);
	if ((!v.passes || v.is_cut) && mode != VOICE_AGREED)
		count(GATEWAY_SECOND_COPY);
	if (!v.passes)
		return MERGE_DROP;
	if (is_limited && v.window < s->window)
		count(GATEWAY_WINDOW_NARROWED);
	apply_verdict(skb, s, &v, has_tsval, tsval);
	if (v.is_cut)
		return MERGE_CUT;
	if (s->flags & TCP_FLAG_FIN)
		f->flags |= FLOW_SERVER_FIN;
	return MERGE_PASS;
}

/* Do the nodes have to agree on what this service says? */
static __always_inline bool agrees(const struct gateway_state *state, const struct port_range *range)
{
	return *(volatile __u32 *)&state->agreeing && (state->agrees[range->service >> 6] & 1ull << (range->service & 63));
}

/* What passes of a flow's output, whether it has voices or waits for them. */
static __always_inline __u32 mode_of(const struct gateway_state *state, const struct voice *v, const struct port_range *range)
{
	return v ? v->mode : range && agrees(state, range) ? VOICE_AGREED : VOICE_FIRST;
}

/* True: the frame, or what is left of it, goes on to the client. */
static __always_inline bool pass_merged(struct __sk_buff *skb, const struct segment *s, __u32 node, enum merge_source from, __u32 mode)
{
	int merged;

	if (mode == VOICE_AGREED && from != FROM_USER)
		hand_over(skb, s, node, false);
	merged = merge(skb, s, node, from, mode);

	return merged == MERGE_PASS || (merged == MERGE_CUT && cut_to_ack(skb, s) == 0);
}

/*
 * A segment of the active node whose flow has no voices yet: what is new of it waits for them. True: it passes, its headers alone where
 * it had content; to be tracked as what it is now.
 */
static __always_inline bool hold_until_heard(struct __sk_buff *skb, struct segment *s, __u32 active)
{
	struct flow *f = bpf_map_lookup_elem(&flows, &s->key);

	if (!f || !seq_after(segment_end(s), f->server_next))
		return true;
	if (s->payload || (s->flags & TCP_FLAG_FIN)) {
		hand_over(skb, s, active, false);
		if (cut_to_ack(skb, s))
			return false;
		s->payload = 0;
		s->flags &= ~(TCP_FLAG_URG | TCP_FLAG_PSH | TCP_FLAG_FIN);
	}
	replace_u32(skb, s->l4, TCP_OFF_SEQ, s->seq, f->server_next);
	s->seq = f->server_next;
	return true;
}

/* A reset that comes before what its server has said before it, and which waits: its client's next word brings another one. */
static __always_inline bool is_early_reset(const struct segment *s, __u32 mode)
{
	const struct flow *f;

	if (!(s->flags & TCP_FLAG_RST) || mode != VOICE_AGREED)
		return false;
	f = bpf_map_lookup_elem(&flows, &s->key);
	return f && seq_after(s->seq, given_of(&s->key, f));
}

/* The index of the replica node that the frame is from, or NO_NODE. */
static __always_inline __u32 replica_of(struct __sk_buff *skb, const struct gateway_state *state, __u64 assignment)
{
	__u32 mask = assignment >> 8 & 0xff;

	for (__u32 i = 0; i < MAX_NODES; i++)
		if ((mask & 1u << i) && is_from(skb, state->nodes[i].mac))
			return i;
	return NO_NODE;
}

/*
 * A replica's segment, which is no consent. Like a consent it lives for one hop, so that no router without this program passes it on;
 * what it has to say of closes it says in consents.
 */
static __always_inline int take_voice(struct __sk_buff *skb, struct segment *s, const struct gateway_state *state, __u64 assignment)
{
	const struct voice *v = voice_of(s, state);
	__u32 node;

	if (!v || s->is_marked || (s->flags & (TCP_FLAG_SYN | TCP_FLAG_FIN | TCP_FLAG_RST | TCP_FLAG_ACK)) != TCP_FLAG_ACK ||
	    ttl_of(skb, s) != CONSENT_TTL) {
		count(GATEWAY_DROP_FENCED);
		return TC_ACT_SHOT;
	}
	node = replica_of(skb, state, assignment);
	if (node >= MAX_NODES || !(v->nodes & 1u << node)) {
		count(GATEWAY_DROP_FENCED);
		return TC_ACT_SHOT;
	}
	if (!pass_merged(skb, s, node, FROM_REPLICA, v->mode))
		return TC_ACT_SHOT;
	set_ttl(skb, s, FORWARDED_TTL);
	count(GATEWAY_REPLICA_HEARD);
	return TC_ACT_OK;
}
