/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Node, ingress of the LAN interface and of the repair engine's TAP.
 *   1. what does not concern a protected address passes; an active node without inherited flows sees everything pass
 *   2. copies of the active node's output are read and consumed; its SYN-ACKs are learnt
 *   3. the client's SYN is learnt and consumed
 *   4. the segment that completes a handshake creates the replica's socket with the active node's sequence numbers
 *   5. a segment that acknowledges output which the replica has not produced waits for it (causal delivery); a pure
 *      ACK instead has its number cut to what the replica has sent
 *   6. everything else goes up the replica's stack
 * Steps 4 to 6 go on after a takeover until the inherited flows have ended.
 */
#include "kernel.h"
#include "node.h"

/* Size classes, because a ring reservation has a constant size. */
#define HOLD_CLASS(bytes)                                                                                              \
	if (length <= (bytes)) {                                                                                       \
		struct report *r = bpf_ringbuf_reserve(&reports, REPORT_FRAME + (bytes), 0);                          \
                                                                                                                       \
		if (!r)                                                                                                \
			goto full;                                                                                     \
		r->kind = kind;                                                                                        \
		r->release = kind == REPORT_HELD_RESET ? s->seq : s->ack;                                              \
		r->l4 = s->l4;                                                                                         \
		r->length = length;                                                                                    \
		r->key = s->key;                                                                                       \
		if (bpf_skb_load_bytes(skb, 0, r->frame, length) < 0) {                                                \
			bpf_ringbuf_discard(r, BPF_RB_NO_WAKEUP);                                                      \
			goto full;                                                                                     \
		}                                                                                                      \
		bpf_ringbuf_submit(r, 0);                                                                              \
		count(kind == REPORT_HELD_CAUSAL ? NODE_HELD_CAUSAL : NODE_HELD_EARLY);                                \
		return;                                                                                                \
	}

/* Hands the frame to the repair engine. The caller consumes the packet. */
static __noinline void hold(struct __sk_buff *skb, const struct segment *s, enum report_kind kind)
{
	__u32 length = skb->len;

	barrier_var(length);
	if (length < ETH_HLEN)
		return;
	HOLD_CLASS(256)
	HOLD_CLASS(1536)
	HOLD_CLASS(9216)
	HOLD_CLASS(32768)
	HOLD_CLASS(66560)
full:
	count(NODE_HOLD_FAILED);
}

static __always_inline void replace_u32(struct __sk_buff *skb, __u32 l4, __u32 field, __u32 from, __u32 to)
{
	__be32 old = bpf_htonl(from), new = bpf_htonl(to);

	if (old == new)
		return;
	bpf_l4_csum_replace(skb, l4 + TCP_OFF_CSUM, old, new, 4);
	bpf_skb_store_bytes(skb, l4 + field, &new, 4, 0);
}

static __always_inline struct bpf_sock *socket_of(struct __sk_buff *skb, const struct segment *s)
{
	struct bpf_sock_tuple tuple = {};

	if (s->ipv6) {
		__builtin_memcpy(tuple.ipv6.saddr, s->key.client, 16);
		__builtin_memcpy(tuple.ipv6.daddr, s->key.service, 16);
		tuple.ipv6.sport = s->key.client_port;
		tuple.ipv6.dport = s->key.service_port;
		return bpf_skc_lookup_tcp(skb, &tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
	}
	__builtin_memcpy(&tuple.ipv4.saddr, s->key.client + 12, 4);
	__builtin_memcpy(&tuple.ipv4.daddr, s->key.service + 12, 4);
	tuple.ipv4.sport = s->key.client_port;
	tuple.ipv4.dport = s->key.service_port;
	return bpf_skc_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
}

/*
 * A socket of an earlier incarnation (TIME_WAIT, or one that a client forgot) is in the new replica's place. The active
 * node has accepted the new connection, so the old one is over: this segment, of which the repair engine keeps a copy,
 * is turned into the RST that such a socket accepts, the one with its exact rcv_nxt (RFC 5961 section 3.2;
 * tcp_timewait_state_process() likewise).
 */
static __always_inline int make_way(struct __sk_buff *skb, const struct segment *s)
{
	struct bpf_sock *sk = socket_of(skb, s);
	bool stale = false;
	__be16 old, new;
	__u32 seq = 0;

	if (!sk)
		return TC_ACT_STOLEN;
	if (sk->state == TCP_TIME_WAIT) {
		struct tcp_timewait_sock *tw = bpf_skc_to_tcp_timewait_sock(sk);

		if (tw) {
			seq = tw->tw_sk.__tw_common.skc_tw_rcv_nxt;
			stale = true;
		}
	} else if (sk->state != TCP_LISTEN && sk->state != TCP_NEW_SYN_RECV) {
		struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);

		if (tp) {
			seq = tp->rcv_nxt;
			stale = true;
		}
	}
	bpf_sk_release(sk);
	if (!stale || bpf_skb_load_bytes(skb, s->l4 + TCP_OFF_FLAGS, &old, 2) < 0)
		return TC_ACT_STOLEN;
	hold(skb, s, REPORT_HELD_EARLY);
	new = (old & bpf_htons(0xf000)) | bpf_htons(TCP_FLAG_RST);
	bpf_l4_csum_replace(skb, s->l4 + TCP_OFF_CSUM, old, new, 2);
	bpf_skb_store_bytes(skb, s->l4 + TCP_OFF_FLAGS, &new, 2, 0);
	replace_u32(skb, s->l4, TCP_OFF_SEQ, s->seq, seq);
	count(NODE_STALE_SOCKET_RESET);
	return TC_ACT_OK;
}

enum assigned {
	ASSIGNED,
	NO_LISTENER,
	OCCUPIED,		/* a socket of these ends exists */
	REFUSED,
};

/* Gives this packet to the listener as the ACK that ends the agreed handshake. */
static __always_inline enum assigned assign(struct __sk_buff *skb, const struct segment *s, const struct handshake *h)
{
	struct bpf_tcp_req_attrs attrs = {};
	struct tcp_options o;
	struct bpf_sock *skc;
	struct sock *sk;
	enum assigned result = OCCUPIED;

	read_options(skb, s, &o);
	attrs.mss = h->client_mss;
	attrs.wscale_ok = (h->flags & HS_CLIENT_WSCALE) && (h->flags & HS_SERVER_WSCALE);
	if (attrs.wscale_ok) {
		attrs.snd_wscale = h->client_wscale;
		attrs.rcv_wscale = h->server_wscale;
	}
	attrs.sack_ok = (h->flags & HS_CLIENT_SACK) && (h->flags & HS_SERVER_SACK);
	attrs.ecn_ok = (h->flags & HS_CLIENT_ECN) && (h->flags & HS_SERVER_ECN);
	attrs.tstamp_ok = (h->flags & HS_CLIENT_TIMESTAMP) && (h->flags & HS_SERVER_TIMESTAMP);
	if (attrs.tstamp_ok) {
		attrs.rcv_tsval = o.tsval;
		/* The kernel takes rcv_tsecr for "now" on the server's clock. One more millisecond, because a clock
		 * that lags lets clients drop the replica's first segments (PAWS), and one that leads does not. */
		attrs.rcv_tsecr = h->synack_tsval + (bpf_ktime_get_ns() - h->synack_ns) / 1000000 + 1;
	}

	skc = socket_of(skb, s);
	if (!skc)
		return NO_LISTENER;
	if (skc->state == TCP_LISTEN) {
		sk = (struct sock *)bpf_skc_to_tcp_sock(skc);
		result = sk && bpf_sk_assign_tcp_reqsk(skb, sk, &attrs, sizeof(attrs)) == 0 ? ASSIGNED : REFUSED;
	}
	bpf_sk_release(skc);
	return result;
}

static __always_inline int open_replica(struct __sk_buff *skb, struct segment *s, struct handshake *h, bool retry)
{
	enum assigned assigned;
	struct replica fresh;
	int err;

	if (h->flags & HS_SIGNED) {
		count(NODE_REPLICA_SIGNED);
		return TC_ACT_STOLEN;
	}
	if (s->seq != h->client_isn + 1 || s->ack != h->server_isn + 1 || (s->flags & TCP_FLAG_FIN)) {
		/* Not the handshake's last ACK, but a later segment that overtook it, or it was lost. The repair engine
		 * sends that ACK in its place, and then this segment. */
		hold(skb, s, REPORT_HELD_EARLY);
		return TC_ACT_STOLEN;
	}
	if (!retry) {
		__builtin_memset(&fresh, 0, sizeof(fresh));
		fresh.client_isn = h->client_isn;
		fresh.client_next = segment_end(s);
		fresh.client_ack = s->ack;
		fresh.client_window = s->window;
		fresh.sent = h->server_isn + 1;
		fresh.received = h->client_isn + 1;
		fresh.active_next = h->server_isn + 1;
		fresh.active_ack = h->client_isn + 1;
		fresh.opened_ns = bpf_ktime_get_ns();
		fresh.last_ns = fresh.opened_ns;
		err = bpf_map_update_elem(&replicas, &s->key, &fresh, BPF_NOEXIST);
		if (err == -17) {	/* EEXIST: another CPU is opening it just now */
			hold(skb, s, REPORT_HELD_EARLY);
			return TC_ACT_STOLEN;
		}
		if (err) {
			count(NODE_REPLICA_TABLE_FULL);
			return TC_ACT_STOLEN;
		}
	}
	assigned = assign(skb, s, h);
	if (assigned == OCCUPIED && retry) {	/* it has just appeared */
		hold(skb, s, REPORT_HELD_EARLY);
		return TC_ACT_STOLEN;
	}
	if (assigned == ASSIGNED) {
		if (!retry)
			count(NODE_REPLICA_OPENED);
		return TC_ACT_OK;
	}
	bpf_map_delete_elem(&replicas, &s->key);
	if (assigned == OCCUPIED)
		return make_way(skb, s);
	/* Once and for all: without its first segments a server that starts later could not follow. */
	bpf_map_delete_elem(&openings, &s->key);
	count(assigned == NO_LISTENER ? NODE_REPLICA_NO_LISTENER : NODE_REPLICA_REFUSED);
	return TC_ACT_STOLEN;
}

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

static __always_inline int deliver(struct __sk_buff *skb, struct segment *s, struct replica *r)
{
	bool pure_ack = s->payload == 0 && !(s->flags & TCP_FLAG_FIN);
	__u64 now = bpf_ktime_get_ns();
	bool ahead;
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
	 * somebody else's guess, and the stack will judge the segment itself. */
	if (!seq_after(s->ack, seq_max(r->active_next, r->sent))) {
		if (!seq_after(r->client_ack, s->ack))
			r->client_window = s->window;
		r->client_ack = seq_max(r->client_ack, s->ack);
	}
	if (!seq_after(segment_end(s), seq_max(r->active_ack, r->received) + FAR_AHEAD))
		r->client_next = seq_max(r->client_next, segment_end(s));
	r->last_ns = now;
	sent = r->sent;
	ahead = seq_after(s->ack, sent);
	if (ahead && !pure_ack) {
		r->wait_for = r->flags & REPLICA_WAITING ? seq_max(r->wait_for, s->ack) : s->ack;
		__sync_fetch_and_or(&r->flags, REPLICA_WAITING);
	}
	if ((s->flags & TCP_FLAG_FIN) && segment_end(s) == r->client_next)
		__sync_fetch_and_or(&r->flags, REPLICA_CLIENT_FIN);
	bpf_spin_unlock(&r->lock);

	if (ahead && !pure_ack) {
		hold(skb, s, REPORT_HELD_CAUSAL);
		return TC_ACT_STOLEN;
	}
	if (ahead) {
		replace_u32(skb, s->l4, TCP_OFF_ACK, s->ack, sent);
		count(NODE_ACK_CLAMPED);
	}
	count(NODE_CLIENT_DELIVERED);
	return TC_ACT_OK;
}

static __always_inline int read_server_copy(struct __sk_buff *skb, struct segment *s)
{
	struct replica *r = bpf_map_lookup_elem(&replicas, &s->key);

	count(NODE_SERVER_COPY_READ);
	if ((s->flags & (TCP_FLAG_SYN | TCP_FLAG_ACK)) == (TCP_FLAG_SYN | TCP_FLAG_ACK)) {
		if (r && s->ack - 1 == r->client_isn)
			return TC_ACT_STOLEN;
		if (r)		/* the active node has accepted a new connection of these ends */
			bpf_map_delete_elem(&replicas, &s->key);
		learn_synack(skb, s);
		count(NODE_SYNACK_LEARNT);
		return TC_ACT_STOLEN;
	}
	if (!r)
		return TC_ACT_STOLEN;
	bpf_spin_lock(&r->lock);
	r->active_next = seq_max(r->active_next, segment_end(s));
	if (s->flags & TCP_FLAG_ACK)
		r->active_ack = seq_max(r->active_ack, s->ack);
	if (s->flags & TCP_FLAG_FIN)
		__sync_fetch_and_or(&r->flags, REPLICA_ACTIVE_FIN);
	if (s->flags & TCP_FLAG_RST)
		__sync_fetch_and_or(&r->flags, REPLICA_ACTIVE_RST);
	bpf_spin_unlock(&r->lock);
	return TC_ACT_STOLEN;
}

/* Anybody can send a SYN: it is only remembered. What the active node answers decides. */
static __always_inline int read_syn(struct __sk_buff *skb, const struct segment *s, const struct replica *r)
{
	const struct handshake *h = bpf_map_lookup_elem(&openings, &s->key);

	if ((r && s->seq == r->client_isn) || (h && (h->flags & HS_SYN) && h->client_isn == s->seq))
		return TC_ACT_STOLEN;	/* a retransmission, or a copy that came late */
	learn_syn(skb, s);
	count(NODE_SYN_LEARNT);
	return TC_ACT_STOLEN;
}

SEC("tc")
int replica_ingress(struct __sk_buff *skb)
{
	struct node_state *state = state_of_node();
	const struct vip *vip;
	enum reading reading;
	struct handshake *h;
	struct segment s;
	struct replica *r;
	bool active;

	if (!state)
		return TC_ACT_SHOT;
	active = state->role == ROLE_ACTIVE;
	if (active && !state->inherited)
		return TC_ACT_OK;

	reading = read_segment(skb, TO_SERVICE, &s);
	if (reading == NOT_IP)
		return TC_ACT_OK;
	vip = vip_of(s.key.service);
	if (!vip) {
		if (!vip_of(s.key.client))
			return TC_ACT_OK;
		if (read_segment(skb, FROM_SERVICE, &s) != TCP || active) {
			count(NODE_IGNORED);
			return TC_ACT_STOLEN;
		}
		return read_server_copy(skb, &s);
	}
	if (reading == MALFORMED) {
		count(NODE_DROP_MALFORMED);
		return TC_ACT_SHOT;
	}
	if (reading != TCP || !is_service(vip, &s))
		return TC_ACT_OK;

	r = bpf_map_lookup_elem(&replicas, &s.key);
	if ((s.flags & (TCP_FLAG_SYN | TCP_FLAG_ACK)) == TCP_FLAG_SYN)
		return active ? TC_ACT_OK : read_syn(skb, &s, r);
	if (r && (r->flags & REPLICA_CONFIRMED || confirm(skb, &s, r)))
		return deliver(skb, &s, r);

	/* No replica yet, or one whose socket has not appeared. */
	h = bpf_map_lookup_elem(&openings, &s.key);
	if (active && (!h || !is_complete(h) || s.ack != h->server_isn + 1))
		return TC_ACT_OK;
	if (!h || s.flags & TCP_FLAG_RST) {
		bpf_map_delete_elem(&openings, &s.key);
		count(NODE_FLOW_UNKNOWN);
		return TC_ACT_STOLEN;
	}
	if (!is_complete(h) || (r && skb->ifindex != state->tap_ifindex)) {
		hold(skb, &s, REPORT_HELD_EARLY);
		return TC_ACT_STOLEN;
	}
	return open_replica(skb, &s, h, r != NULL);
}
