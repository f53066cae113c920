/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Gateway, LAN egress: client → server, after routing.
 *   1. copies and what is not for a protected address pass
 *   2. track the flow: its handshake, then its progress
 *   3. copy the segment to the replicas
 *   4. address the frame to the node that holds the service
 */
#include "gateway.h"

/* A number that no window allows is somebody else's guess (RFC 5961): it must not move what is known of the flow. */
static __always_inline bool is_plausible(const struct segment *s, const struct flow *f)
{
	return s->seq - f->server_ack + FAR_AHEAD <= 2 * FAR_AHEAD &&
	       (!(s->flags & TCP_FLAG_ACK) || !seq_after(s->ack, f->server_next));
}

static __always_inline void track_client(struct __sk_buff *skb, const struct segment *s)
{
	struct flow *f = bpf_map_lookup_elem(&flows, &s->key);

	/* Anybody can send a SYN: only the server's answer to it ends a flow that is known. */
	if ((s->flags & (TCP_FLAG_SYN | TCP_FLAG_ACK)) == TCP_FLAG_SYN) {
		if (!f || f->handshake.client_isn != s->seq)
			learn_syn(skb, s);
		return;
	}

	if (!f) {
		struct handshake *h = bpf_map_lookup_elem(&openings, &s->key);
		struct flow fresh;

		if (s->flags & TCP_FLAG_RST) {
			bpf_map_delete_elem(&openings, &s->key);
			return;
		}
		if (!h || !is_complete(h)) {
			count(GATEWAY_FLOW_UNKNOWN);
			return;
		}
		if (h->flags & HS_SIGNED) {
			count(GATEWAY_FLOW_SIGNED);
			return;
		}
		__builtin_memset(&fresh, 0, sizeof(fresh));
		fresh.handshake = *h;
		fresh.opened_ns = bpf_ktime_get_ns();
		fresh.client_next = h->client_isn + 1;
		fresh.client_ack = h->server_isn + 1;
		fresh.server_next = h->server_isn + 1;
		fresh.server_ack = h->client_isn + 1;
		if (s->seq - fresh.client_next > FAR_AHEAD || s->ack - fresh.server_next > FAR_AHEAD) {
			count(GATEWAY_IMPLAUSIBLE);
			return;
		}
		fresh.server_next = s->ack;
		if (bpf_map_update_elem(&flows, &s->key, &fresh, BPF_NOEXIST) == 0)
			count(GATEWAY_FLOW_OPENED);
		f = bpf_map_lookup_elem(&flows, &s->key);
		if (!f) {
			count(GATEWAY_FLOW_TABLE_FULL);
			return;
		}
		bpf_map_delete_elem(&openings, &s->key);
	}

	if (!is_plausible(s, f)) {
		count(GATEWAY_IMPLAUSIBLE);
		return;
	}
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

	if (reading == TCP && is_service(vip, &s)) {
		track_client(skb, &s);
		copy_to_replicas(skb, state, assignment, GATEWAY_COPIED_TO_REPLICA);
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
