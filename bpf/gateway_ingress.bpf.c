/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Gateway, LAN ingress: server → client.
 *   1. what is not sourced from a protected address passes
 *   2. fence: only the node that holds the service may speak for the address
 *   3. track the flow
 *   4. copy the segment to the replicas; the frame goes on to routing and the client
 */
#include "gateway.h"

static __always_inline void track_server(struct __sk_buff *skb, const struct segment *s)
{
	struct flow *f = bpf_map_lookup_elem(&flows, &s->key);

	if ((s->flags & (TCP_FLAG_SYN | TCP_FLAG_ACK)) == (TCP_FLAG_SYN | TCP_FLAG_ACK)) {
		if (f && f->handshake.client_isn == s->ack - 1)
			return;
		if (f) {
			bpf_map_delete_elem(&flows, &s->key);
			count(GATEWAY_FLOW_REPLACED);
		}
		learn_synack(skb, s);
		return;
	}
	if (!f)
		return;
	f->last_ns = bpf_ktime_get_ns();
	f->server_bytes += s->payload;
	f->server_next = seq_max(f->server_next, segment_end(s));
	if (s->flags & TCP_FLAG_ACK)
		f->server_ack = seq_max(f->server_ack, s->ack);
	if (s->flags & TCP_FLAG_FIN)
		f->flags |= FLOW_SERVER_FIN;
	if (s->flags & TCP_FLAG_RST)
		f->flags |= FLOW_SERVER_RST;
}

/* Offsets in a neighbour advertisement without extension headers, RFC 4861 section 4.4. */
#define ICMP6_TYPE (ETH_HLEN + 40)
#define ICMP6_TARGET (ICMP6_TYPE + 8)
#define NEIGHBOUR_ADVERTISEMENT 136

/* ARP and neighbour advertisements that speak for a protected address obey the same fence, or a silenced node could
 * draw LAN hosts to itself. */
static __always_inline bool advertises_vip(struct __sk_buff *skb, const struct segment *s)
{
	__u8 address[16], next, type;

	return s->ipv6 && bpf_skb_load_bytes(skb, ETH_HLEN + 6, &next, 1) == 0 && next == IPPROTO_ICMPV6 &&
	       bpf_skb_load_bytes(skb, ICMP6_TYPE, &type, 1) == 0 && type == NEIGHBOUR_ADVERTISEMENT &&
	       bpf_skb_load_bytes(skb, ICMP6_TARGET, address, 16) == 0 && vip_of(address) != NULL;
}

static __always_inline bool claims_vip(struct __sk_buff *skb)
{
	__be16 ethertype;
	__u8 address[16];
	__be32 sender;

	if (skb->vlan_present || bpf_skb_load_bytes(skb, 12, &ethertype, 2) < 0 || ethertype != bpf_htons(ETH_P_ARP))
		return false;
	if (bpf_skb_load_bytes(skb, ETH_HLEN + 14, &sender, 4) < 0)
		return false;
	set_v4(address, sender);
	return vip_of(address) != NULL;
}

static __always_inline bool is_from(struct __sk_buff *skb, const __u8 mac[6])
{
	__u8 source[6];

	if (bpf_skb_load_bytes(skb, 6, source, 6) < 0)
		return false;
	for (int i = 0; i < 6; i++)
		if (source[i] != mac[i])
			return false;
	return true;
}

SEC("tc")
int gateway_ingress(struct __sk_buff *skb)
{
	struct gateway_state *state;
	const struct vip *vip;
	enum reading reading;
	__u64 assignment;
	struct segment s;
	__u32 active;

	reading = read_segment(skb, FROM_SERVICE, &s);
	vip = vip_of(s.key.service);
	if (!vip && !(reading == NOT_IP && claims_vip(skb)) && !(reading == OTHER && advertises_vip(skb, &s)))
		return TC_ACT_OK;

	state = state_of_gateway();
	if (!state)
		return TC_ACT_SHOT;
	assignment = *(volatile __u64 *)&state->assignment;
	active = active_of(assignment);
	if (active >= MAX_NODES || !is_from(skb, state->nodes[active].mac)) {
		count(GATEWAY_DROP_FENCED);
		return TC_ACT_SHOT;
	}
	if (reading == MALFORMED) {
		count(GATEWAY_DROP_MALFORMED);
		return TC_ACT_SHOT;
	}
	count(GATEWAY_TO_CLIENT);
	if (reading != TCP || !vip || !is_service(vip, &s)) {
		count(reading == FRAGMENT ? GATEWAY_PASS_FRAGMENT : GATEWAY_PASS_OTHER);
		return TC_ACT_OK;
	}
	track_server(skb, &s);
	copy_to_replicas(skb, state, assignment, GATEWAY_COPIED_FROM_ACTIVE);
	return TC_ACT_OK;
}
