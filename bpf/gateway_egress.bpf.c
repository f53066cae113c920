/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Gateway, LAN egress: client → server, after routing.
 *   1. copies and what is not for a protected address pass
 *   2. find the flow, or open it when its handshake is complete
 *   3. record the segment: what is not in the record ring is not forwarded
 *   4. note the flow's progress
 *   5. copy the segment to the replicas; datagrams are numbered, recorded and copied with their number
 *   6. address the frame to the node that holds the service
 */
#include "gateway_datagram.h"

/* Windows are read without a lock, and a byte more or less is no attack. */
#define SLACK (4u << 20)

/* Older than any segment that a network still delivers and a server still answers. */
#define FAR_BEHIND (1u << 27)

/*
 * A number that the windows do not allow is somebody else's guess (RFC 5961 section 5.2): it must neither move what is
 * known of the flow nor be recorded. Content lies before the right edge that the client was shown, and acknowledges what
 * the server has sent. A SYN is never part of an open connection (section 4.2).
 */
static __always_inline bool is_plausible(const struct segment *s, const struct flow *f)
{
	__u32 oldest = f->server_ack - FAR_BEHIND;

	if ((s->flags & TCP_FLAG_SYN) || !(s->flags & (TCP_FLAG_ACK | TCP_FLAG_RST)))
		return false;
	if (segment_end(s) - oldest > FAR_BEHIND + (f->edge - f->server_ack) + SLACK)
		return false;
	return !(s->flags & TCP_FLAG_ACK) || s->ack - (f->client_ack - FAR_BEHIND) <= FAR_BEHIND + (f->server_next - f->client_ack) + SLACK;
}

/* A flow begins in the ring before it begins in the table: whoever finds it there finds its beginning recorded. */
static __always_inline struct flow *open_flow(const struct segment *s, const struct handshake *h, __u32 active, bool *refused)
{
	struct flow fresh, *f;
	struct record *r;

	__builtin_memset(&fresh, 0, sizeof(fresh));
	fresh.handshake = *h;
	fresh.opened_ns = bpf_ktime_get_ns();
	fresh.client_next = h->client_isn + 1;
	fresh.client_ack = h->server_isn + 1;
	fresh.server_next = h->server_isn + 1;
	fresh.server_ack = h->client_isn + 1;
	fresh.edge = h->client_isn + 1 + h->server_window;
	fresh.server_next = s->ack;
	if (seq_after(fresh.client_next, s->seq) || s->ack - fresh.client_ack > FAR_AHEAD || !is_plausible(s, &fresh)) {
		count(GATEWAY_IMPLAUSIBLE);
		return NULL;
	}
	r = bpf_ringbuf_reserve(&records, RECORD_HEADER + sizeof(*h), 0);
	if (!r) {
		*refused = true;
		return NULL;
	}
	fill_record(r, RECORD_OPEN, s, h->client_isn, sizeof(*h), active);
	__builtin_memcpy(r->payload, h, sizeof(*h));
	if (bpf_map_update_elem(&flows, &s->key, &fresh, BPF_NOEXIST) == 0) {
		bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
		count(GATEWAY_FLOW_OPENED);
	} else {
		bpf_ringbuf_discard(r, BPF_RB_NO_WAKEUP);
	}
	f = bpf_map_lookup_elem(&flows, &s->key);
	if (!f)
		count(GATEWAY_FLOW_TABLE_FULL);
	return f;
}

/* The segment's flow, or NULL where it has none: a handshake under way, a connection that cannot be protected, or
 * (refused) no room to record it. */
static __always_inline struct flow *flow_of(struct __sk_buff *skb, const struct segment *s, __u32 active, bool *refused)
{
	struct flow *f = bpf_map_lookup_elem(&flows, &s->key);
	struct handshake *h;

	/* Anybody can send a SYN: only the server's answer to it ends a flow that is known. */
	if ((s->flags & (TCP_FLAG_SYN | TCP_FLAG_ACK)) == TCP_FLAG_SYN) {
		if (!f || f->handshake.client_isn != s->seq)
			learn_syn(skb, s);
		return NULL;
	}
	if (f)
		return f;
	if (s->flags & TCP_FLAG_RST) {
		bpf_map_delete_elem(&openings, &s->key);
		return NULL;
	}
	h = bpf_map_lookup_elem(&openings, &s->key);
	if (!h || !is_complete(h)) {
		count(GATEWAY_FLOW_UNKNOWN);
		return NULL;
	}
	if (h->flags & HS_SIGNED) {
		count(GATEWAY_FLOW_SIGNED);
		return NULL;
	}
	f = open_flow(s, h, active, refused);
	if (f)
		bpf_map_delete_elem(&openings, &s->key);
	return f;
}

static __always_inline void track_client(const struct segment *s, struct flow *f)
{
	f->last_ns = bpf_ktime_get_ns();
	if (s->flags & TCP_FLAG_RST) {
		if (s->seq == f->client_next || s->seq == f->server_ack)
			f->flags |= FLOW_CLIENT_RST;
		return;
	}
	f->client_bytes += s->payload;
	f->client_next = seq_max(f->client_next, segment_end(s));
	if (s->flags & TCP_FLAG_ACK)
		f->client_ack = seq_max(f->client_ack, s->ack);
	if ((s->flags & TCP_FLAG_FIN) && segment_end(s) == f->client_next)
		f->flags |= FLOW_CLIENT_FIN;
}

enum verdict { COPY_AND_PASS, PASS_ALONE, DROP_UNRECORDED, DROP_IMPLAUSIBLE };

static __always_inline enum verdict record_and_track(struct __sk_buff *skb, const struct segment *s, __u32 active)
{
	bool has_content = s->payload || (s->flags & TCP_FLAG_FIN);
	bool refused = false;
	struct flow *f = flow_of(skb, s, active, &refused);

	if (!f)
		return refused ? DROP_UNRECORDED : COPY_AND_PASS;
	/* Several voices: how far the client can be is known exactly, and no node but the one that is behind could judge it. */
	if ((f->flags & FLOW_MERGED) && (s->flags & TCP_FLAG_ACK) && s->ack - f->server_next - 1 < FAR_AHEAD) {
		count(GATEWAY_IMPLAUSIBLE);
		return DROP_IMPLAUSIBLE;
	}
	if (!is_plausible(s, f)) {
		count(GATEWAY_IMPLAUSIBLE);
		/* The server is to judge it, but not to take bytes that nobody else has. */
		return has_content && !(s->flags & TCP_FLAG_RST) ? DROP_IMPLAUSIBLE : PASS_ALONE;
	}
	if (!(s->flags & TCP_FLAG_RST) && has_content) {
		if (!record(skb, s, f->handshake.client_isn, active))
			return DROP_UNRECORDED;
		count(GATEWAY_RECORDED);
	}
	track_client(s, f);
	return COPY_AND_PASS;
}

SEC("tc")
int gateway_egress(struct __sk_buff *skb)
{
	struct gateway_state *state;
	const struct vip *vip;
	enum reading reading;
	__u64 assignment;
	struct segment s;
	__u32 active;

	if (skb->mark == COPY_MARK)
		return TC_ACT_OK;
	if (skb->mark == AGREED_MARK)
		return bpf_redirect(skb->ifindex, BPF_F_INGRESS);
	reading = read_segment(skb, TO_SERVICE, &s);
	if (reading == NOT_IP)
		return TC_ACT_OK;
	vip = vip_of(s.key.service);
	if (!vip)
		return TC_ACT_OK;
	if (reading == MALFORMED) {
		count(GATEWAY_DROP_MALFORMED);
		return TC_ACT_SHOT;
	}

	state = state_of_gateway();
	if (!state)
		return TC_ACT_SHOT;
	assignment = *(volatile __u64 *)&state->assignment;

	if (skb->mark == PROBE_ALL_MARK) {
		skb->mark = 0;
		copy_to_replicas(skb, state, assignment, GATEWAY_COPIED_TO_REPLICA);
	} else if (skb->mark == PROBE_MARK) {
		skb->mark = 0;
	} else if (reading == TCP && is_service(vip, &s, IPPROTO_TCP)) {
		enum verdict verdict = record_and_track(skb, &s, active_of(assignment));

		if (verdict == DROP_UNRECORDED)
			count(GATEWAY_DROP_UNRECORDED);
		if (verdict == DROP_UNRECORDED || verdict == DROP_IMPLAUSIBLE)
			return TC_ACT_SHOT;
		if (verdict == COPY_AND_PASS)
			copy_to_replicas(skb, state, assignment, GATEWAY_COPIED_TO_REPLICA);
	} else if (reading == UDP && is_service(vip, &s, IPPROTO_UDP)) {
		if (!replicate_datagrams(skb, &s, state, assignment)) {
			count(GATEWAY_DROP_UNRECORDED);
			return TC_ACT_SHOT;
		}
	} else {
		count(reading == FRAGMENT ? GATEWAY_PASS_FRAGMENT : GATEWAY_PASS_OTHER);
	}

	active = active_of(assignment);
	if (active >= MAX_NODES) {
		count(GATEWAY_DROP_NO_ACTIVE);
		return TC_ACT_SHOT;
	}
	if (bpf_skb_store_bytes(skb, 0, state->nodes[active].mac, 6, 0)) {
		count(GATEWAY_DROP_NO_MEMORY);
		return TC_ACT_SHOT;
	}
	count(GATEWAY_TO_ACTIVE);
	return TC_ACT_OK;
}
