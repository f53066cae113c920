/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The close gate. When a server dies, its kernel closes its connections with FIN or RST; clients must not see that as long
 * as a replica goes on. So a close by the active node passes only with the replica's consent:
 *   the replica closes, too     its own FIN or RST comes to the gateway, marked, and for one hop
 *   it has no such connection   it sends the marked copy of the close back; not while one is being made there
 * Whichever comes second of close and consent is what the client gets. A FIN that has to wait is taken off its segment, which
 * passes; the active node repeats it until it is acknowledged. When the active node has lost the service meanwhile, what is
 * held is void.
 */
#pragma once

#include "gateway.h"

#define FORWARDED_TTL 64

enum gate { GATE_OPEN, GATE_STRIPPED, GATE_HELD };

/*
 * A close that lies elsewhere than the replica's is not what it agreed to: a server that died in the middle of its answer
 * closes earlier than a replica that was ahead of it, and what an earlier replica agreed to before it was made anew lies
 * elsewhere. A reset agrees with a FIN where the stream ends.
 */
static __always_inline bool has_consent(const struct segment *s, const struct flow *f)
{
	const struct consent *c = bpf_map_lookup_elem(&consents, &s->key);

	if (!c || c->client_isn != f->handshake.client_isn)
		return false;
	if (s->flags & TCP_FLAG_RST)
		return c->end == s->seq || c->end == f->server_next + 1;
	return c->end == segment_end(s);
}

/* The longest wait is over: of this connection, and since the service last moved. */
static __always_inline bool is_ungated(const struct flow_key *key, const struct flow *f, const struct gateway_state *state)
{
	const __u64 *ns = bpf_map_lookup_elem(&ungated, key);

	return ns && *ns > f->opened_ns && *ns > state->turned_ns;
}

static __always_inline bool is_held(const struct flow *f, const struct gateway_state *state, __u32 active)
{
	return (f->flags & (FLOW_HELD_FIN | FLOW_HELD_RST)) && f->held_by == active && f->held_ns > state->turned_ns;
}

static __always_inline bool is_making(const struct segment *s, __u32 node)
{
	const struct making *m = bpf_map_lookup_elem(&making, &s->key);
	const struct flow *f;

	if (!m || node >= MAX_NODES || !(m->nodes & 1u << node))
		return false;
	f = bpf_map_lookup_elem(&flows, &s->key);
	return f && f->handshake.client_isn == m->client_isn;
}

/*
 * The node that has taken over has no socket for what the client sent: its stack says so with a reset that acknowledges
 * nothing (RFC 9293 section 3.10.7.1). A server's own reset has the ACK flag (tcp_send_active_reset()).
 */
static __always_inline bool is_premature_reset(const struct segment *s, __u32 active)
{
	return (s->flags & (TCP_FLAG_RST | TCP_FLAG_ACK)) == TCP_FLAG_RST && is_making(s, active);
}

/* A close by the active node. What is copied to the replicas here needs no further copy. */
static __always_inline enum gate gate_close(struct __sk_buff *skb, struct segment *s, const struct gateway_state *state,
					    __u64 assignment, __u32 active)
{
	struct flow *f = bpf_map_lookup_elem(&flows, &s->key);

	if (!f || (f->flags & FLOW_CLIENT_RST) || has_consent(s, f))
		return GATE_OPEN;
	if (is_ungated(&s->key, f, state)) {
		f->flags &= ~(FLOW_HELD_FIN | FLOW_HELD_RST);
		count(GATEWAY_CLOSE_UNCONFIRMED);
		return GATE_OPEN;
	}
	if (!is_held(f, state, active)) {
		f->held_by = active;
		f->held_ns = bpf_ktime_get_ns();
		f->flags &= ~(FLOW_HELD_FIN | FLOW_HELD_RST);
		count(GATEWAY_CLOSE_HELD);
	}
	if (s->flags & TCP_FLAG_RST) {
		f->flags |= FLOW_HELD_RST;
		if (!(f->flags & FLOW_HELD_FIN))
			f->held_end = s->seq;
	} else {
		f->flags |= FLOW_HELD_FIN;
		f->held_end = segment_end(s);
	}
	change_flags(skb, s->l4, 0, TCP_CLOSE_MARK);
	copy_to_replicas(skb, state, assignment, GATEWAY_COPIED_FROM_ACTIVE);
	if (s->flags & TCP_FLAG_RST)
		return GATE_HELD;
	change_flags(skb, s->l4, TCP_CLOSE_MARK | TCP_FLAG_FIN, 0);
	s->flags &= ~TCP_FLAG_FIN;
	return GATE_STRIPPED;
}

/*
 * A consent by a replica node. True: it has become the close itself, and goes on to the client; where that has to wait for what
 * comes before it (`waits`), it is not noted as given yet.
 */
static __always_inline bool take_consent(struct __sk_buff *skb, const struct segment *s, const struct gateway_state *state,
					  __u32 active, bool waits)
{
	struct flow *f = bpf_map_lookup_elem(&flows, &s->key);
	bool is_reset = s->flags & TCP_FLAG_RST;
	struct consent consent;
	__u32 end;

	count(GATEWAY_CONSENT);
	if (!f)
		return false;
	consent.client_isn = f->handshake.client_isn;
	consent.end = segment_end(s);
	bpf_map_update_elem(&consents, &s->key, &consent, BPF_ANY);
	if (!is_held(f, state, active))
		return false;
	/* The close has to lie where the active node's does. If not, that comes again, and passes. */
	end = f->flags & FLOW_HELD_FIN ? f->held_end : f->server_next + 1;
	if (is_reset ? s->seq != f->server_next && s->seq != f->held_end : segment_end(s) != end)
		return false;
	change_flags(skb, s->l4, TCP_CLOSE_MARK | TCP_ABSENT_MARK, 0);
	set_ttl(skb, s, FORWARDED_TTL);
	/* What only the replica has received the active node has not acknowledged. */
	if (!is_reset && seq_after(s->ack, f->server_ack))
		replace_u32(skb, s->l4, TCP_OFF_ACK, s->ack, f->server_ack);
	f->flags &= ~(FLOW_HELD_FIN | FLOW_HELD_RST);
	if (!waits) {
		f->flags |= is_reset ? FLOW_SERVER_RST : FLOW_SERVER_FIN;
		f->server_next = seq_max(f->server_next, is_reset ? s->seq : segment_end(s));
	}
	count(GATEWAY_CLOSE_AGREED);
	return true;
}
