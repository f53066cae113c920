/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* Opening a replica: its socket, with the active node's sequence numbers, and holding what comes too early for it. */
#pragma once

#include "digest.h"
#include "kernel.h"

/* With a segment that waits for output: the end of what the active node has said. */
static __always_inline void tell_last(struct report *r, struct digest *d)
{
	r->told_end = 0;
	r->told_length = 0;
	if (!d)
		return;
	bpf_spin_lock(&d->lock);
	r->told_end = d->active.last_end;
	r->told_length = d->active.last_length;
	__builtin_memcpy(r->told, d->active.last, sizeof(r->told));
	bpf_spin_unlock(&d->lock);
}

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
		tell_last(r, d);                                                                                            \
		if (bpf_skb_load_bytes(skb, 0, r->frame, length) < 0) {                                                \
			bpf_ringbuf_discard(r, BPF_RB_NO_WAKEUP);                                                      \
			goto full;                                                                                     \
		}                                                                                                      \
		bpf_ringbuf_submit(r, 0);                                                                              \
		if (kind != REPORT_SYN)                                                                                \
			count(kind == REPORT_HELD_CAUSAL ? NODE_HELD_CAUSAL :                                          \
			      kind == REPORT_HELD_ORDERED || kind == REPORT_HELD_LATE ? NODE_HELD_ORDERED : NODE_HELD_EARLY); \
		return true;                                                                                           \
	}

static __always_inline bool hold_with(struct __sk_buff *skb, const struct segment *s, enum report_kind kind, struct digest *d)
{
	__u32 length = skb->len;

	barrier_var(length);
	if (length < ETH_HLEN)
		return false;
	HOLD_CLASS(256)
	HOLD_CLASS(1536)
	HOLD_CLASS(9216)
	HOLD_CLASS(32768)
	HOLD_CLASS(66560)
full:
	count(NODE_HOLD_FAILED);
	return false;
}

/* Hands the frame to the repair engine. The caller consumes the packet. */
static __noinline bool hold(struct __sk_buff *skb, const struct segment *s, enum report_kind kind)
{
	return hold_with(skb, s, kind, NULL);
}

/* The same until the replica has said what the segment acknowledges. A function of its own: its frame is larger, and hold() is called from deep. */
static __noinline void hold_for_output(struct __sk_buff *skb, const struct segment *s)
{
	hold_with(skb, s, REPORT_HELD_CAUSAL, bpf_map_lookup_elem(&digests, &s->key));
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
 * tcp_timewait_state_process() likewise). An active node's open sockets are clients' live connections: never those.
 */
static __always_inline int make_way(struct __sk_buff *skb, const struct segment *s, bool active)
{
	struct bpf_sock *sk = socket_of(skb, s);
	bool stale = false;
	__u32 seq = 0;

	if (!sk)
		return TC_ACT_STOLEN;
	if (sk->state == TCP_TIME_WAIT) {
		struct tcp_timewait_sock *tw = bpf_skc_to_tcp_timewait_sock(sk);

		if (tw) {
			seq = tw->tw_sk.__tw_common.skc_tw_rcv_nxt;
			stale = true;
		}
	} else if (!active && sk->state != TCP_LISTEN && sk->state != TCP_NEW_SYN_RECV) {
		struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);

		if (tp) {
			seq = tp->rcv_nxt;
			stale = true;
		}
	}
	bpf_sk_release(sk);
	if (!stale)
		return TC_ACT_STOLEN;
	hold(skb, s, REPORT_HELD_EARLY);
	change_flags(skb, s->l4, 0x0fff, TCP_FLAG_RST);
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

/* How its service's segments are delivered, as flags of a replica. */
static __always_inline __u32 delivery_flags(const struct segment *s)
{
	const struct port_range *range = service_of(s, IPPROTO_TCP);

	if (!range)
		return 0;
	return (range->delivery & DELIVERY_ORDERED ? REPLICA_ORDERED : 0) | (range->delivery & DELIVERY_SERIAL ? REPLICA_SERIAL : 0);
}

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
	attrs.wscale_ok = is_scaled(h);
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

#define TCP_ESTABLISHED 1
#define TCP_FIN_WAIT1 4
#define TCP_FIN_WAIT2 5
#define TCP_CLOSE_WAIT 8
#define TCP_LAST_ACK 9
#define TCP_CLOSING 11

static __always_inline __u32 closes_of(__u32 state)
{
	switch (state) {
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
		return REPLICA_OWN_FIN;
	case TCP_CLOSE_WAIT:
		return REPLICA_CLIENT_FIN;
	case TCP_LAST_ACK:
	case TCP_CLOSING:
		return REPLICA_OWN_FIN | REPLICA_CLIENT_FIN;
	default:
		return 0;
	}
}

/* Further from where the gateway sees a connection than it and the node can differ: not that connection's socket. */
#define FARTHEST_ORIGINAL (1u << 27)

static __always_inline bool is_near(__u32 a, __u32 b)
{
	return a - b + FARTHEST_ORIGINAL <= 2 * FARTHEST_ORIGINAL;
}

/*
 * The service has moved away, and the connection that this node's own server accepted lives on there: here its socket
 * becomes the replica, from where it stands. The segment, from the repair engine, tells where the client stands. What the
 * stack sends from now on the egress hook notes; what it was just sending is read again (snd_nxt follows the transmission).
 */
__noinline int adopt(struct __sk_buff *skb, const struct segment *s, const struct handshake *h)
{
	struct replica fresh = {}, *r;
	struct tcp_sock *tp = NULL;
	struct bpf_sock *sk;
	__u32 sent;

	if (!s || !h)
		return TC_ACT_STOLEN;
	sk = socket_of(skb, s);
	if (sk && sk->state != TCP_LISTEN && sk->state != TCP_NEW_SYN_RECV && sk->state != TCP_TIME_WAIT)
		tp = bpf_skc_to_tcp_sock(sk);
	if (tp && is_near(tp->rcv_nxt, s->seq) && is_near(tp->snd_nxt, s->ack)) {
		fresh.flags = REPLICA_CONFIRMED | closes_of(sk->state) | delivery_flags(s);
		fresh.client_isn = h->client_isn;
		fresh.client_next = seq_max(s->seq, tp->rcv_nxt);
		fresh.client_ack = s->ack;
		fresh.client_window = s->window;
		fresh.sent = tp->snd_nxt;
		fresh.received = tp->rcv_nxt;
		fresh.active_next = seq_max(tp->snd_nxt, s->ack);
		fresh.active_ack = tp->rcv_nxt;
		fresh.own_window = 0xffff;
		fresh.own_wscale = is_scaled(h) ? h->server_wscale : 0;
		fresh.opened_ns = bpf_ktime_get_ns();
		fresh.last_ns = fresh.opened_ns;
		fresh.closed_ns = fresh.flags & REPLICA_OWN_FIN ? fresh.opened_ns : 0;
		add_replica(&s->key, &fresh);
		r = bpf_map_lookup_elem(&replicas, &s->key);
		if (r) {
			sent = tp->snd_nxt;
			bpf_spin_lock(&r->lock);
			r->sent = seq_max(r->sent, sent);
			bpf_spin_unlock(&r->lock);
			begin_digest(s, h->client_isn, h->server_isn + 1, seq_max(sent, s->ack));
		}
		count(r ? NODE_ORIGINAL_ADOPTED : NODE_REPLICA_TABLE_FULL);
	} else {
		count(NODE_ORIGINAL_MISSING);
	}
	if (sk)
		bpf_sk_release(sk);
	bpf_map_delete_elem(&openings, &s->key);
	return TC_ACT_STOLEN;
}

/* A function of its own, for the stack's sake. The error of the map. */
__noinline int note_replica(const struct segment *s, const struct handshake *h)
{
	struct replica fresh;

	if (!s || !h)
		return -1;
	__builtin_memset(&fresh, 0, sizeof(fresh));
	fresh.flags = delivery_flags(s);
	fresh.client_isn = h->client_isn;
	fresh.client_next = segment_end(s);
	fresh.client_ack = s->ack;
	fresh.client_window = s->window;
	fresh.sent = h->server_isn + 1;
	fresh.received = h->client_isn + 1;
	fresh.active_next = h->server_isn + 1;
	fresh.active_ack = h->client_isn + 1;
	fresh.own_wscale = is_scaled(h) ? h->server_wscale : 0;
	fresh.opened_ns = bpf_ktime_get_ns();
	fresh.last_ns = fresh.opened_ns;
	return add_replica(&s->key, &fresh);
}

__noinline int open_replica(struct __sk_buff *skb, const struct segment *s, const struct handshake *h, bool retry, bool active)
{
	enum assigned assigned;
	int err;

	if (!s || !h)
		return TC_ACT_STOLEN;
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
		err = note_replica(s, h);
		if (err == -17) {	/* EEXIST: another CPU is opening it just now */
			hold(skb, s, REPORT_HELD_EARLY);
			return TC_ACT_STOLEN;
		}
		if (err) {
			count(NODE_REPLICA_TABLE_FULL);
			return TC_ACT_STOLEN;
		}
		begin_digest(s, h->client_isn, h->server_isn + 1, h->server_isn + 1 + DIGEST_GREETING);
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
	forget_replica(&s->key);
	if (assigned == OCCUPIED)
		return make_way(skb, s, active);
	/* Once and for all: without its first segments a server that starts later could not follow. */
	bpf_map_delete_elem(&openings, &s->key);
	count(assigned == NO_LISTENER ? NODE_REPLICA_NO_LISTENER : NODE_REPLICA_REFUSED);
	return TC_ACT_STOLEN;
}
