/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Node, ingress of the LAN interface and of the repair engine's TAP.
 *   1. what does not concern a protected address passes; an active node without inherited flows sees everything pass
 *   2. copies of the active node's output are read, compared with the replica's own, and consumed; its SYN-ACKs are learnt
 *   3. the client's SYN is learnt, kept for the case of a takeover, and consumed
 *   4. the segment that completes a handshake creates the replica's socket with the active node's sequence numbers
 *   5. a segment that acknowledges output which the replica has not produced waits for it (causal delivery), unless it was
 *      waited for in vain; a pure ACK instead has its number cut to what the replica has sent
 *   6. where the service's owner wants it, data waits for its turn: what passed the gateway first is delivered first, or one at a time,
 *      also on an active node
 *   7. everything else goes up the replica's stack
 * Steps 4, 5 and 7 go on after a takeover until the inherited flows have ended.
 * Numbered datagrams go up the stack once each.
 */
#include "datagram_digest.h"
#include "replica_open.h"

/* The client's RST ends the replica only with the exact rcv_nxt: one that is ahead waits for what is missing. */
static __always_inline int deliver_reset(struct __sk_buff *skb, const struct segment *s, struct replica *r)
{
	struct bpf_sock *sk = socket_of(skb, s);
	struct tcp_sock *tp;
	__u32 rcv_nxt = s->seq;

	if (sk) {
		tp = bpf_skc_to_tcp_sock(sk);
		if (tp && sk->state != TCP_LISTEN)
			rcv_nxt = tp->rcv_nxt;
		bpf_sk_release(sk);
	}
	if (seq_after(s->seq, rcv_nxt)) {
		if (s->seq - rcv_nxt <= FAR_AHEAD)
			hold(skb, s, REPORT_HELD_RESET);
		return TC_ACT_STOLEN;
	}
	if (s->seq == rcv_nxt)
		__sync_fetch_and_or(&r->flags, REPLICA_CLIENT_RST);
	return TC_ACT_OK;
}

/* Has the socket of a replica that was just opened appeared in the connection table? */
static __always_inline bool confirm(struct __sk_buff *skb, const struct segment *s, struct replica *r)
{
	struct bpf_sock *sk = socket_of(skb, s);
	bool exists = sk && sk->state != TCP_LISTEN;

	if (sk)
		bpf_sk_release(sk);
	if (exists) {
		__sync_fetch_and_or(&r->flags, REPLICA_CONFIRMED);
		bpf_map_delete_elem(&openings, &s->key);
	}
	return exists;
}

/* The repair engine's orders, in the last byte of the source; nothing but its TAP is believed with them. */
enum engine_order {
	NO_ORDER = 0,
	ORDER_POSITION = 2,	/* so far the client is */
	ORDER_REGARDLESS = 3,	/* what this acknowledges was waited for in vain: deliver it all the same */
	ORDER_HOT = 4,		/* the client hears several nodes; the number is its initial one */
	ORDER_NOT_HOT = 5,
};

static __always_inline enum engine_order order_of(struct __sk_buff *skb, const struct node_state *state)
{
	__u8 mac[6];

	if (skb->ifindex != state->tap_ifindex || bpf_skb_load_bytes(skb, 6, mac, 6) < 0 ||
	    mac[0] != 2 || mac[1] || mac[2] || mac[3] || mac[4])
		return NO_ORDER;
	return mac[5];
}

static __always_inline int turn_hot(const struct segment *s, struct replica *r, bool hot)
{
	if (r && s->seq == r->client_isn && hot)
		__sync_fetch_and_or(&r->flags, REPLICA_HOT);
	else if (r && s->seq == r->client_isn)
		__sync_fetch_and_and(&r->flags, ~REPLICA_HOT);
	return TC_ACT_STOLEN;
}

static __always_inline int deliver(struct __sk_buff *skb, const struct node_state *state, struct segment *s, struct replica *r,
				   enum engine_order order)
{
	bool pure_ack = s->payload == 0 && !(s->flags & TCP_FLAG_FIN);
	__u64 now = bpf_ktime_get_ns();
	bool ahead, in_vain, waits, is_late;
	__u32 sent;

	if (s->flags & TCP_FLAG_RST)
		return deliver_reset(skb, s, r);
	if (!(s->flags & TCP_FLAG_ACK)) {
		count(NODE_IGNORED);
		return TC_ACT_STOLEN;
	}

	/* One critical section with the egress hook's: whichever comes second sees what the first one wrote, so that
	 * either the ACK goes up here or the phantom ACK is sent there, and no release is missed. */
	bpf_spin_lock(&r->lock);
	/* What nobody has sent cannot have been acknowledged, and no window reaches beyond FAR_AHEAD: such numbers are
	 * somebody else's guess, and the stack will judge the segment itself. Where several nodes speak, the gateway has judged. */
	if (order == ORDER_POSITION)
		r->active_next = seq_max(r->active_next, s->ack);
	if (!seq_after(s->ack, (r->flags & REPLICA_HOT ? r->sent + FAR_AHEAD : seq_max(r->active_next, r->sent)))) {
		if (!seq_after(r->client_ack, s->ack))
			r->client_window = s->window;
		r->client_ack = seq_max(r->client_ack, s->ack);
	}
	if (!seq_after(segment_end(s), seq_max(r->active_ack, r->received) + FAR_AHEAD))
		r->client_next = seq_max(r->client_next, segment_end(s));
	r->last_ns = now;
	sent = r->sent;
	ahead = seq_after(s->ack, sent);
	in_vain = ahead && !pure_ack && order == ORDER_REGARDLESS;
	is_late = !seq_after(segment_end(s), r->active_ack);
	if (s->payload && !seq_after(seq_max(s->ack, r->active_next), sent))
		r->short_by = 0;	/* it has said everything, and was only slow */
	else if (in_vain)
		r->short_by = s->ack - sent;
	waits = !pure_ack && seq_after(s->ack - r->short_by, sent);
	if (waits) {
		r->wait_for = seq_max(r->flags & REPLICA_WAITING ? r->wait_for : sent, s->ack - r->short_by);
		__sync_fetch_and_or(&r->flags, REPLICA_WAITING);
	}
	if ((s->flags & TCP_FLAG_FIN) && segment_end(s) == r->client_next)
		__sync_fetch_and_or(&r->flags, REPLICA_CLIENT_FIN);
	bpf_spin_unlock(&r->lock);

	if (s->payload && !(r->flags & REPLICA_GREETED))
		end_greeting(s, r);
	if (s->payload && (state->ordering & delivery_of(r->flags)) && skb->ifindex != state->tap_ifindex) {
		hold(skb, s, is_late ? REPORT_HELD_LATE : REPORT_HELD_ORDERED);
		return TC_ACT_STOLEN;
	}
	if (waits) {
		hold_for_output(skb, s);
		return TC_ACT_STOLEN;
	}
	if (in_vain)
		note_difference(s, r, s->ack);	/* the replica goes on without having said that */
	if (ahead) {
		replace_u32(skb, s->l4, TCP_OFF_ACK, s->ack, sent);
		count(NODE_ACK_CLAMPED);
	}
	count(NODE_CLIENT_DELIVERED);
	return TC_ACT_OK;
}

/* The marked copy of a close goes back to the gateway as this node's consent to it: bpf/gateway_close.h. */
static __always_inline int send_back(struct __sk_buff *skb, const struct segment *s, __u16 marks)
{
	__u8 macs[12], swapped[12];

	change_flags(skb, s->l4, 0, marks);
	if (bpf_skb_load_bytes(skb, 0, macs, 12) < 0)
		return TC_ACT_STOLEN;
	__builtin_memcpy(swapped, macs + 6, 6);
	__builtin_memcpy(swapped + 6, macs, 6);
	bpf_skb_store_bytes(skb, 0, swapped, 12, 0);
	set_ttl(skb, s, CONSENT_TTL);
	skb->mark = CONSENT_MARK;
	return bpf_redirect(skb->ifindex, 0);
}

/*
 * The gateway holds a close by the active node until this node has closed, too. Where it has no such connection, or has
 * closed it at the same place and was not heard, it says so. A connection that is only about to exist here may yet live on.
 */
static __always_inline int answer_held_close(struct __sk_buff *skb, const struct segment *s, struct replica *r)
{
	const struct handshake *h;

	if (!r) {
		h = bpf_map_lookup_elem(&openings, &s->key);
		if (h && is_complete(h))
			return TC_ACT_STOLEN;
		count(NODE_CONSENT_ABSENT);
		return send_back(skb, s, TCP_ABSENT_MARK);
	}
	digest(skb, s, r->client_isn, false, false);	/* what comes with a FIN comes here only */
	bpf_spin_lock(&r->lock);
	r->active_next = seq_max(r->active_next, s->seq + s->payload);
	if (s->flags & TCP_FLAG_ACK)
		r->active_ack = seq_max(r->active_ack, s->ack);
	bpf_spin_unlock(&r->lock);
	if ((r->flags & REPLICA_OWN_RST) || ((r->flags & REPLICA_OWN_FIN) && r->sent == segment_end(s)))
		return send_back(skb, s, 0);
	return TC_ACT_STOLEN;
}

static __always_inline int read_server_copy(struct __sk_buff *skb, struct segment *s)
{
	struct replica *r = bpf_map_lookup_elem(&replicas, &s->key);
	bool is_new;

	count(NODE_SERVER_COPY_READ);
	if (s->is_marked)
		return answer_held_close(skb, s, r);
	if ((s->flags & (TCP_FLAG_SYN | TCP_FLAG_ACK)) == (TCP_FLAG_SYN | TCP_FLAG_ACK)) {
		if (r && s->ack - 1 == r->client_isn)
			return TC_ACT_STOLEN;
		if (r)		/* the active node has accepted a new connection of these ends */
			forget_replica(&s->key);
		learn_synack(skb, s);
		count(NODE_SYNACK_LEARNT);
		return TC_ACT_STOLEN;
	}
	if (!r)
		return TC_ACT_STOLEN;
	digest(skb, s, r->client_isn, false, false);
	bpf_spin_lock(&r->lock);
	is_new = seq_after(segment_end(s), r->active_next);
	r->active_next = seq_max(r->active_next, segment_end(s));
	if (s->flags & TCP_FLAG_ACK)
		r->active_ack = seq_max(r->active_ack, s->ack);
	if (s->flags & TCP_FLAG_FIN)
		__sync_fetch_and_or(&r->flags, REPLICA_ACTIVE_FIN);
	if (s->flags & TCP_FLAG_RST)
		__sync_fetch_and_or(&r->flags, REPLICA_ACTIVE_RST);
	bpf_spin_unlock(&r->lock);
	if (is_new && s->payload && delivery_of(r->flags))
		report_with(REPORT_SAID, &s->key, segment_end(s), s->ack);
	return TC_ACT_STOLEN;
}

/* Anybody can send a SYN: it is only remembered. What the active node answers decides. */
static __always_inline int read_syn(struct __sk_buff *skb, const struct segment *s, const struct replica *r)
{
	const struct handshake *h = bpf_map_lookup_elem(&openings, &s->key);

	if ((r && s->seq == r->client_isn) || (h && (h->flags & HS_SYN) && h->client_isn == s->seq))
		return TC_ACT_STOLEN;	/* a retransmission, or a copy that came late */
	learn_syn(skb, s);
	/* A flood of them must not take the room of segments that wait. */
	if (bpf_ringbuf_query(&reports, BPF_RB_AVAIL_DATA) < REPORT_BYTES / 4)
		hold(skb, s, REPORT_SYN);
	count(NODE_SYN_LEARNT);
	return TC_ACT_STOLEN;
}

/*
 * An active node's own connection, of a service whose requests go one at a time: data waits for its turn in user space. Where that
 * has no room for it, it goes as it comes.
 */
static __always_inline int pass_in_turn(struct __sk_buff *skb, const struct node_state *state, const struct segment *s)
{
	const struct port_range *range;

	if (!(state->ordering & DELIVERY_SERIAL) || !s->payload || (s->flags & (TCP_FLAG_SYN | TCP_FLAG_RST)) || skb->ifindex == state->tap_ifindex)
		return TC_ACT_OK;
	range = service_of(s, IPPROTO_TCP);
	if (!range || !(range->delivery & DELIVERY_SERIAL))
		return TC_ACT_OK;
	return hold(skb, s, REPORT_HELD_ORDERED) ? TC_ACT_STOLEN : TC_ACT_OK;
}

/* The same where no flow is a replica. */
static __noinline int pass_own_in_turn(struct __sk_buff *skb, const struct node_state *state)
{
	struct segment s;

	return read_segment(skb, TO_SERVICE, &s) == TCP ? pass_in_turn(skb, state, &s) : TC_ACT_OK;
}

SEC("tc")
int replica_ingress(struct __sk_buff *skb)
{
	struct node_state *state = state_of_node();
	const struct vip *vip;
	enum reading reading;
	struct handshake *h;
	struct segment s;
	enum engine_order order;
	struct replica *r;
	bool active;

	if (!state)
		return TC_ACT_SHOT;
	active = state->role == ROLE_ACTIVE && state->heard;
	if (active && !state->inherited)
		return state->ordering & DELIVERY_SERIAL ? pass_own_in_turn(skb, state) : TC_ACT_OK;

	reading = read_segment(skb, TO_SERVICE, &s);
	if (reading == NOT_IP)
		return TC_ACT_OK;
	vip = vip_of(s.key.service);
	if (!vip) {
		if (!vip_of(s.key.client))
			return TC_ACT_OK;
		reading = read_segment(skb, FROM_SERVICE, &s);
		if (reading == TCP && !active)
			return read_server_copy(skb, &s);
		if (reading == UDP && state->role == ROLE_REPLICA) {
			count(NODE_SERVER_COPY_READ);
			note_said(skb, &s, state->compared, false);
		} else {
			count(NODE_IGNORED);
		}
		return TC_ACT_STOLEN;
	}
	if (reading == MALFORMED) {
		count(NODE_DROP_MALFORMED);
		return TC_ACT_SHOT;
	}
	if (reading == UDP && is_service(vip, &s, IPPROTO_UDP)) {
		bool is_repair = skb->ifindex == state->tap_ifindex;

		return active && !is_repair ? TC_ACT_OK : deliver_datagram(skb, &s, is_repair);
	}
	if (reading != TCP || !is_service(vip, &s, IPPROTO_TCP))
		return TC_ACT_OK;

	r = bpf_map_lookup_elem(&replicas, &s.key);
	order = order_of(skb, state);
	if (order == ORDER_HOT || order == ORDER_NOT_HOT)
		return turn_hot(&s, r, order == ORDER_HOT);
	if ((s.flags & (TCP_FLAG_SYN | TCP_FLAG_ACK)) == TCP_FLAG_SYN)
		return active ? TC_ACT_OK : read_syn(skb, &s, r);
	if (r && (r->flags & REPLICA_CONFIRMED || confirm(skb, &s, r)))
		return deliver(skb, state, &s, r, order);

	/* No replica yet, or one whose socket has not appeared. */
	h = bpf_map_lookup_elem(&openings, &s.key);
	if (active && h && (h->flags & HS_ORIGINAL))
		return r || skb->ifindex != state->tap_ifindex ? pass_in_turn(skb, state, &s) : adopt(skb, &s, h);
	if (active && (!h || !is_complete(h) || s.ack != h->server_isn + 1))
		return pass_in_turn(skb, state, &s);
	if (!h || s.flags & TCP_FLAG_RST) {
		bpf_map_delete_elem(&openings, &s.key);
		count(NODE_FLOW_UNKNOWN);
		return TC_ACT_STOLEN;
	}
	if (h->flags & HS_ORIGINAL)
		return r || skb->ifindex != state->tap_ifindex ? TC_ACT_STOLEN : adopt(skb, &s, h);
	if (!is_complete(h) || (r && skb->ifindex != state->tap_ifindex)) {
		hold(skb, &s, REPORT_HELD_EARLY);
		return TC_ACT_STOLEN;
	}
	return open_replica(skb, &s, h, r != NULL, active);
}
