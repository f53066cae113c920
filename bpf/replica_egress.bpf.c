/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Node, LAN egress.
 *   1. what is not sourced from a protected address passes; an active node without inherited flows speaks freely. Where its requests go one
 *      at a time, an answer is told
 *   2. it is compared with what the active node says, datagrams one by one; a replica that has said something else is not heard after a takeover
 *   3. the replica's progress is noted, and reported when the repair engine holds segments that wait for it
 *   4. output that the client has already acknowledged (to the active node) is answered on the spot: a phantom ACK
 *   5. a silent node's output is swallowed; so is that of an active node whose lease has ended. Its closes are told to the
 *      gateway, which holds those of the active node until then
 *   6. where a flow is hot, a replica's output is sent, for one hop: the gateway lets whoever says it first be heard
 * Swallowing is TC_ACT_STOLEN: TC_ACT_SHOT would tell TCP that its own device dropped, which shrinks its window.
 */
#include "datagram_digest.h"

struct ipv4_ack {
	struct iphdr ip;
	struct tcphdr tcp;
};

struct ipv6_ack {
	struct ipv6hdr ip;
	struct tcphdr tcp;
};

static __always_inline __sum16 fold(__u64 sum)
{
	for (int i = 0; i < 4; i++)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static __always_inline void fill_ack(struct tcphdr *tcp, const struct segment *s, __u32 seq, __u32 ack, __u16 window)
{
	__builtin_memset(tcp, 0, sizeof(*tcp));
	tcp->source = s->key.client_port;
	tcp->dest = s->key.service_port;
	tcp->seq = bpf_htonl(seq);
	tcp->ack_seq = bpf_htonl(ack);
	((__u8 *)tcp)[12] = 5 << 4;
	((__u8 *)tcp)[13] = TCP_FLAG_ACK;
	tcp->window = bpf_htons(window);
}

/*
 * The swallowed segment becomes the client's acknowledgement of itself: cut to its headers, its ends swapped, and sent
 * up the node's own stack. Without it the replica's retransmission timer would back off for ever. RFC 9293 section 3.1
 * for the header; the checksum is complete, so it also serves where the device does not offload.
 */
static __noinline int phantom_ack(struct __sk_buff *skb, const struct segment *s, __u32 seq, __u32 ack, __u16 window)
{
	__u8 macs[12], swapped[12];
	__u32 l4 = s->l4;

	if (l4 != ETH_HLEN + (s->ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr)))
		return TC_ACT_STOLEN;
	if (bpf_skb_change_tail(skb, l4 + sizeof(struct tcphdr), 0) || bpf_skb_load_bytes(skb, 0, macs, 12) < 0)
		return TC_ACT_STOLEN;
	__builtin_memcpy(swapped, macs + 6, 6);
	__builtin_memcpy(swapped + 6, macs, 6);
	bpf_skb_store_bytes(skb, 0, swapped, 12, 0);

	if (s->ipv6) {
		struct ipv6_ack a = {};
		struct {
			__u8 source[16], destination[16];
			__be32 length, next;
		} pseudo = {};

		a.ip.version = 6;
		a.ip.payload_len = bpf_htons(sizeof(a.tcp));
		a.ip.nexthdr = IPPROTO_TCP;
		a.ip.hop_limit = 64;
		__builtin_memcpy(&a.ip.saddr, s->key.client, 16);
		__builtin_memcpy(&a.ip.daddr, s->key.service, 16);
		fill_ack(&a.tcp, s, seq, ack, window);
		__builtin_memcpy(pseudo.source, s->key.client, 16);
		__builtin_memcpy(pseudo.destination, s->key.service, 16);
		pseudo.length = bpf_htonl(sizeof(a.tcp));
		pseudo.next = bpf_htonl(IPPROTO_TCP);
		a.tcp.check = fold(bpf_csum_diff(NULL, 0, (__be32 *)&pseudo, sizeof(pseudo), 0) +
				   (__u64)bpf_csum_diff(NULL, 0, (__be32 *)&a.tcp, sizeof(a.tcp), 0));
		bpf_skb_store_bytes(skb, ETH_HLEN, &a, sizeof(a), 0);
	} else {
		struct ipv4_ack a = {};
		struct {
			__u8 source[4], destination[4];
			__be16 protocol, length;
		} pseudo = {};

		a.ip.version = 4;
		a.ip.ihl = 5;
		a.ip.tot_len = bpf_htons(sizeof(a));
		a.ip.frag_off = bpf_htons(0x4000);
		a.ip.ttl = 64;
		a.ip.protocol = IPPROTO_TCP;
		__builtin_memcpy(&a.ip.saddr, s->key.client + 12, 4);
		__builtin_memcpy(&a.ip.daddr, s->key.service + 12, 4);
		a.ip.check = fold(bpf_csum_diff(NULL, 0, (__be32 *)&a.ip, sizeof(a.ip), 0));
		fill_ack(&a.tcp, s, seq, ack, window);
		__builtin_memcpy(pseudo.source, s->key.client + 12, 4);
		__builtin_memcpy(pseudo.destination, s->key.service + 12, 4);
		pseudo.protocol = bpf_htons(IPPROTO_TCP);
		pseudo.length = bpf_htons(sizeof(a.tcp));
		a.tcp.check = fold(bpf_csum_diff(NULL, 0, (__be32 *)&pseudo, sizeof(pseudo), 0) +
				   (__u64)bpf_csum_diff(NULL, 0, (__be32 *)&a.tcp, sizeof(a.tcp), 0));
		bpf_skb_store_bytes(skb, ETH_HLEN, &a, sizeof(a), 0);
	}
	count(NODE_PHANTOM_ACK);
	return bpf_redirect(skb->ifindex, BPF_F_INGRESS);
}

/*
 * Cuts the payload off a segment that ends with FIN. The stack leaves its checksum to the device (CHECKSUM_PARTIAL), so only
 * the length in the pseudo header's sum is to be corrected.
 */
static __always_inline bool cut_payload(struct __sk_buff *skb, struct segment *s)
{
	__u32 length = s->header + s->payload;

	if (!cut_tail(skb, s))
		return false;
	bpf_l4_csum_replace(skb, s->l4 + TCP_OFF_CSUM, bpf_htons(length), bpf_htons(s->header), BPF_F_PSEUDO_HDR | 2);
	replace_u32(skb, s->l4, TCP_OFF_SEQ, s->seq, s->seq + s->payload);
	return true;
}

/* Sends a copy of the frame as it is, past this hook. */
static __always_inline void send_copy(struct __sk_buff *skb)
{
	skb->mark = CONSENT_MARK;
	bpf_clone_redirect(skb, skb->ifindex, 0);
	skb->mark = 0;
}

/* Tells the gateway that the replica closes: see bpf/gateway_close.h. What is left of the frame is to be swallowed. */
static __noinline int consent(struct __sk_buff *skb, const struct segment *s)
{
	struct segment close = *s;

	if (close.payload && !cut_payload(skb, &close))
		return 0;
	change_flags(skb, close.l4, 0, TCP_CLOSE_MARK);
	set_ttl(skb, &close, CONSENT_TTL);
	send_copy(skb);
	count(NODE_CONSENT);
	return 0;
}

/*
 * A hot flow's replica closes: what it says before that is sent on, and the close itself is told in a consent. The frame is as
 * before then.
 */
static __noinline int speak_before_close(struct __sk_buff *skb, const struct segment *s)
{
	__u8 ttl = ttl_of(skb, s);

	change_flags(skb, s->l4, TCP_FLAG_FIN, 0);
	set_ttl(skb, s, CONSENT_TTL);
	send_copy(skb);
	set_ttl(skb, s, ttl);
	change_flags(skb, s->l4, 0, TCP_FLAG_FIN);
	return 0;
}

/* One socket's segments come one after the other, under its lock. */
static __always_inline void keep_tail(struct __sk_buff *skb, const struct segment *s, __u32 client_isn, bool is_new, __u64 now)
{
	struct tail *t = bpf_map_lookup_elem(&tails, &s->key);
	__u32 headers = s->l4 + s->header, length = s->payload;
	__u32 zero = 0;

	if (!is_new) {
		if (t)
			t->repeated = 1;
		return;
	}
	if (!t) {
		const struct tail *empty = bpf_map_lookup_elem(&no_tail, &zero);

		if (!empty || bpf_map_update_elem(&tails, &s->key, empty, BPF_NOEXIST) < 0)
			return;
		t = bpf_map_lookup_elem(&tails, &s->key);
		if (!t)
			return;
		if (!bpf_map_lookup_elem(&replicas, &s->key)) {	/* user space has just forgotten it */
			bpf_map_delete_elem(&tails, &s->key);
			return;
		}
	}
	t->header_length = 0;
	barrier();
	if (skb->gso_size && length > skb->gso_size)
		length = skb->gso_size;
	if (length > TAIL_CONTENT)
		length = TAIL_CONTENT;
	if (headers < 1 || headers > TAIL_HEADERS || bpf_skb_load_bytes(skb, 0, t->headers, headers) < 0)
		return;
	if (length > 0 && bpf_skb_load_bytes(skb, headers + s->payload - length, t->content, length) < 0)
		return;
	t->sent_ns = now;
	t->client_isn = client_isn;
	t->seq = s->seq + s->payload - length;
	t->l4 = s->l4;
	t->length = length;
	t->repeated = 0;
	barrier();
	t->header_length = headers;
}

/* Does the service's owner take the risk to carry on what has diverged? */
static __always_inline bool is_carried(const struct segment *s)
{
	const struct port_range *range = service_of(s, IPPROTO_TCP);

	return range && range->carries;
}

/* An active node's own connection, of a service whose requests go one at a time, has answered. */
static __always_inline int tell_answer(const struct node_state *state, const struct segment *s)
{
	const struct port_range *range;

	if (!(state->ordering & DELIVERY_SERIAL) || (!s->payload && !(s->flags & TCP_FLAG_FIN)))
		return TC_ACT_OK;
	range = service_of(s, IPPROTO_TCP);
	if (range && (range->delivery & DELIVERY_SERIAL))
		report(REPORT_PROGRESS, &s->key, segment_end(s));
	return TC_ACT_OK;
}

/* The same where no flow is a replica. */
static __noinline int tell_own_answer(struct __sk_buff *skb, const struct node_state *state)
{
	struct segment s;

	return read_segment(skb, FROM_SERVICE, &s) == TCP ? tell_answer(state, &s) : TC_ACT_OK;
}

SEC("tc")
int replica_egress(struct __sk_buff *skb)
{
	struct node_state *state = state_of_node();
	bool has_content, voice, hot, waiting, is_replica;
	__u32 end, before, acked, received, client_isn, short_by;
	enum reading reading;
	struct segment s;
	struct replica *r;
	__u64 now;
	__u16 window;

	if (skb->mark == CONSENT_MARK)
		return TC_ACT_OK;
	if (!state)
		return TC_ACT_SHOT;
	is_replica = state->role == ROLE_REPLICA;
	now = bpf_ktime_get_ns();
	voice = state->role == ROLE_ACTIVE && now < *(volatile __u64 *)&state->lease_until_ns;
	if (voice && !state->inherited)
		return state->ordering & DELIVERY_SERIAL ? tell_own_answer(skb, state) : TC_ACT_OK;

	reading = read_segment(skb, FROM_SERVICE, &s);
	if (reading == NOT_IP || !vip_of(s.key.service))
		return TC_ACT_OK;
	if (!voice)
		count(state->role == ROLE_ACTIVE ? NODE_DROP_LEASE_EXPIRED : NODE_SILENCED);
	if (reading != TCP) {
		if (reading == UDP && is_replica)
			note_said(skb, &s, state->compared, true);
		return voice ? TC_ACT_OK : TC_ACT_STOLEN;
	}

	r = bpf_map_lookup_elem(&replicas, &s.key);
	if (r)
		digest(skb, &s, r->client_isn, true, state->heard);
	if (r && voice && (r->flags & REPLICA_DIFFERS) && !(s.flags & TCP_FLAG_SYN) && !is_carried(&s)) {
		count(NODE_MUTED);
		voice = false;
	}
	if (voice && !state->first_spoken_ns)
		state->first_spoken_ns = now;
	if (!r)
		return voice ? tell_answer(state, &s) : TC_ACT_STOLEN;
	hot = is_replica && (r->flags & REPLICA_HOT) && !((r->flags & REPLICA_DIFFERS) && !is_carried(&s));
	if (voice)
		count(NODE_SPOKEN);

	if (s.flags & TCP_FLAG_RST) {
		__sync_fetch_and_or(&r->flags, REPLICA_OWN_RST);
		if (!r->closed_ns)
			r->closed_ns = now;
		count(NODE_REPLICA_RESET);
		if (is_replica)
			consent(skb, &s);
		return voice ? TC_ACT_OK : TC_ACT_STOLEN;
	}
	if (s.flags & TCP_FLAG_SYN) {
		/* This node's own stack has accepted a new connection of these ends. */
		if (voice && s.ack - 1 != r->client_isn)
			forget_replica(&s.key);
		return voice ? TC_ACT_OK : TC_ACT_STOLEN;
	}

	has_content = s.payload || (s.flags & TCP_FLAG_FIN);
	end = segment_end(&s);
	bpf_spin_lock(&r->lock);
	before = r->sent;
	r->sent = seq_max(r->sent, end);
	if (s.flags & TCP_FLAG_ACK)
		r->received = seq_max(r->received, s.ack);
	r->own_window = s.window;
	if ((s.flags & TCP_FLAG_FIN) && !r->closed_ns)
		r->closed_ns = now;
	/*
	 * What was the active node's is this node's now: numbers that stood still would look new after 2 GiB. What it closes
	 * itself does not count as the original's close (ReplicaLife.IsClosedAlone()).
	 */
	if (voice && state->heard) {
		if (!r->closed_ns)
			r->active_next = seq_max(r->active_next, r->sent);
		r->active_ack = seq_max(r->active_ack, r->received);
	}
	r->last_ns = now;
	__sync_fetch_and_or(&r->flags, REPLICA_CONFIRMED | (s.flags & TCP_FLAG_FIN ? REPLICA_OWN_FIN : 0));
	waiting = ((r->flags & REPLICA_WAITING) || (state->ordering & delivery_of(r->flags))) && seq_after(r->sent, before);
	if (waiting && !seq_after(r->wait_for, r->sent))
		__sync_fetch_and_and(&r->flags, ~REPLICA_WAITING);
	acked = r->client_ack;
	received = r->received;
	client_isn = r->client_isn;
	short_by = r->short_by;
	window = r->client_window;
	bpf_spin_unlock(&r->lock);

	if (waiting)
		report(REPORT_PROGRESS, &s.key, end + short_by);
	if (has_content && !state->heard && !seq_after(acked, s.seq))
		keep_tail(skb, &s, client_isn, seq_after(end, before), now);
	if (is_replica && (s.flags & TCP_FLAG_FIN)) {
		if (hot && s.payload && seq_after(s.seq + s.payload, acked))
			speak_before_close(skb, &s);
		consent(skb, &s);	/* and makes the frame its own */
		hot = false;
	}

	if (has_content && seq_after(acked, s.seq)) {
		/* The client has all of it, or at least its beginning while nobody listens to us. */
		if (!seq_after(end, acked)) {
			/* The client has it from another node: the gateway drops it, and sends the others their copies, which they compare. */
			if (voice && (r->flags & REPLICA_HOT))
				send_copy(skb);
			return phantom_ack(skb, &s, received, end, window);
		}
		if (!voice && !hot)
			return phantom_ack(skb, &s, received, acked, window);
	}
	/* A keepalive probe (RFC 9293 section 3.8.4: one below the next number) that the client will never see. */
	if (!voice && !has_content && s.seq + 1 == before)
		return phantom_ack(skb, &s, received, before, window);
	if (hot) {
		set_ttl(skb, &s, CONSENT_TTL);
		count(NODE_HOT);
	}
	return voice || hot ? TC_ACT_OK : TC_ACT_STOLEN;
}
