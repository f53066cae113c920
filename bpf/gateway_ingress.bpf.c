/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Gateway, LAN ingress: server → client.
 *   1. what is not sourced from a protected address passes
 *   2. fence: only the node that holds the service may speak for the address; replicas may consent to a close, and be heard where
 *      the output is hot; that a connection is missing where its replica is being made is nobody's business
 *   3. close gate: the active node's FIN or RST waits for the replica's
 *   4. track the flow; narrow the window of a flow whose replica lags
 *   5. copy the segment to the replicas; the frame goes on to routing and the client
 * A flow with several voices is merged instead of step 4, after its copies: bpf/gateway_merge.h. What the nodes have agreed on comes in
 * with its mark, from the egress hook.
 */
#include "gateway_datagram.h"
#include "gateway_merge.h"

/*
 * The window that the client sees ends no farther than it may, unless it was once shown a wider one: a right edge never moves left (RFC 9293
 * section 3.8.6.2.1; the rounding is that of tcp_select_window()). Returns the right edge.
 */
static __always_inline __u32 narrow(struct __sk_buff *skb, const struct segment *s, const struct flow *f, __u32 right, __u32 allowed)
{
	__u8 scale = is_scaled(&f->handshake) ? f->handshake.server_wscale & 15 : 0;
	__be16 old, new;
	__u32 window;

	allowed = seq_max(seq_max(allowed, f->edge), s->ack);
	if (!seq_after(right, allowed))
		return right;
	window = (allowed - s->ack) >> scale;
	if (seq_after(f->edge, s->ack + (window << scale)))
		window++;
	if (window >= s->window)
		return right;
	old = bpf_htons(s->window);
	new = bpf_htons(window);
	bpf_l4_csum_replace(skb, s->l4 + TCP_OFF_CSUM, old, new, 2);
	bpf_skb_store_bytes(skb, s->l4 + TCP_OFF_WINDOW, &new, 2, 0);
	count(GATEWAY_WINDOW_NARROWED);
	return s->ack + (window << scale);
}

static __always_inline void track_server(struct __sk_buff *skb, const struct segment *s, const struct gateway_state *state)
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
	if (s->flags & TCP_FLAG_FIN)
		f->flags |= FLOW_SERVER_FIN;
	if (s->flags & TCP_FLAG_RST)
		f->flags |= FLOW_SERVER_RST;
	if ((s->flags & (TCP_FLAG_ACK | TCP_FLAG_RST)) == TCP_FLAG_ACK) {
		__u32 right = s->ack + ((__u32)s->window << (is_scaled(&f->handshake) ? f->handshake.server_wscale & 15 : 0));

		right = narrow(skb, s, f, right, bounded_right(s, f, state, right));
		f->server_ack = seq_max(f->server_ack, s->ack);
		f->edge = seq_max(f->edge, right);
	}
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

static __always_inline bool is_node(struct __sk_buff *skb, const struct gateway_state *state, __u32 node)
{
	barrier_var(node);	/* the bound must be seen on the value that is the index */
	return node < MAX_NODES && is_from(skb, state->nodes[node].mac);
}

/* The replica node that consents to a close, or NO_NODE. */
static __always_inline __u32 consenting(struct __sk_buff *skb, const struct segment *s, const struct gateway_state *state,
					__u64 assignment)
{
	__u32 mask = assignment >> 8 & state->gate;

	if (!s->is_marked || !(s->flags & (TCP_FLAG_FIN | TCP_FLAG_RST)) || ttl_of(skb, s) != CONSENT_TTL)
		return NO_NODE;
	for (__u32 i = 0; i < MAX_NODES; i++)
		if ((mask & 1u << i) && is_from(skb, state->nodes[i].mac))
			return i;
	return NO_NODE;
}

static __always_inline int take_from_replica(struct __sk_buff *skb, struct segment *s, const struct gateway_state *state,
					     __u64 assignment, const struct vip *vip)
{
	__u32 node = consenting(skb, s, state, assignment);
	const struct port_range *range;
	const struct voice *v;
	bool waits;
	__u32 mode;

	if (node == NO_NODE)
		return take_voice(skb, s, state, assignment);
	if (s->is_absent && is_making(s, node)) {
		count(GATEWAY_DROP_ABSENT);
		return TC_ACT_SHOT;
	}
	v = voice_of(s, state);
	range = vip ? range_of(vip, s, IPPROTO_TCP) : NULL;
	mode = mode_of(state, v, range);
	waits = (s->flags & TCP_FLAG_FIN) && (mode == VOICE_AGREED || mode == VOICE_NOBODY);
	if (!take_consent(skb, s, state, active_of(assignment), waits) || is_early_reset(s, mode))
		return TC_ACT_SHOT;
	if (waits) {
		hand_over(skb, s, node, true);
		return TC_ACT_SHOT;
	}
	if ((s->flags & TCP_FLAG_FIN) && *(volatile __u32 *)&state->voiced)
		merge(skb, s, node, FROM_REPLICA, mode);	/* not for a verdict, but the timestamp must not go back */
	return TC_ACT_OK;
}

static __always_inline int take_agreed(struct __sk_buff *skb, const struct segment *s, const struct gateway_state *state)
{
	const struct voice *v = voice_of(s, state);

	count(GATEWAY_OUTPUT_AGREED);
	skb->mark = 0;
	if (v)
		return pass_merged(skb, s, 0, FROM_USER, v->mode) ? TC_ACT_OK : TC_ACT_SHOT;
	track_server(skb, s, state);
	return TC_ACT_OK;
}

SEC("tc")
int gateway_ingress(struct __sk_buff *skb)
{
	const struct port_range *range;
	struct gateway_state *state;
	enum gate gate = GATE_OPEN;
	const struct vip *vip;
	const struct voice *v;
	bool passes = true;
	enum reading reading;
	__u64 assignment;
	struct segment s;
	__u32 active, mode;

	reading = read_segment(skb, FROM_SERVICE, &s);
	vip = vip_of(s.key.service);
	if (!vip && !(reading == NOT_IP && claims_vip(skb)) && !(reading == OTHER && advertises_vip(skb, &s)))
		return TC_ACT_OK;

	state = state_of_gateway();
	if (!state)
		return TC_ACT_SHOT;
	if (skb->mark == AGREED_MARK && reading == TCP)
		return take_agreed(skb, &s, state);
	assignment = *(volatile __u64 *)&state->assignment;
	active = active_of(assignment);
	if (!is_node(skb, state, active)) {
		if (reading == TCP)
			return take_from_replica(skb, &s, state, assignment, vip);
		count(GATEWAY_DROP_FENCED);
		return TC_ACT_SHOT;
	}
	if (reading == MALFORMED) {
		count(GATEWAY_DROP_MALFORMED);
		return TC_ACT_SHOT;
	}
	if (reading == TCP && is_premature_reset(&s, active)) {
		count(GATEWAY_DROP_ABSENT);
		return TC_ACT_SHOT;
	}
	count(GATEWAY_TO_CLIENT);
	if (reading == UDP && vip && is_service(vip, &s, IPPROTO_UDP))
		return pass_answer(skb, &s, state, assignment) ? TC_ACT_OK : TC_ACT_SHOT;
	range = reading == TCP && vip ? range_of(vip, &s, IPPROTO_TCP) : NULL;
	if (!range) {
		count(reading == FRAGMENT ? GATEWAY_PASS_FRAGMENT : GATEWAY_PASS_OTHER);
		return TC_ACT_OK;
	}
	if ((s.flags & (TCP_FLAG_FIN | TCP_FLAG_RST)) && (assignment >> 8 & state->gate))
		gate = gate_close(skb, &s, state, assignment, active);
	if (gate == GATE_HELD)
		return TC_ACT_SHOT;
	v = voice_of(&s, state);
	mode = mode_of(state, v, range);
	if (is_early_reset(&s, mode))
		return TC_ACT_SHOT;
	if ((s.flags & (TCP_FLAG_SYN | TCP_FLAG_RST | TCP_FLAG_ACK)) == TCP_FLAG_ACK) {
		if (v || mode == VOICE_AGREED) {
			if (gate == GATE_OPEN)
				copy_to_replicas(skb, state, assignment, GATEWAY_COPIED_FROM_ACTIVE);
			if (v)
				return pass_merged(skb, &s, active, FROM_ACTIVE, mode) ? TC_ACT_OK : TC_ACT_SHOT;
			passes = hold_until_heard(skb, &s, active);
			gate = GATE_STRIPPED;	/* the copies are made */
		}
	}
	track_server(skb, &s, state);
	if (gate == GATE_OPEN)
		copy_to_replicas(skb, state, assignment, GATEWAY_COPIED_FROM_ACTIVE);
	return passes ? TC_ACT_OK : TC_ACT_SHOT;
}
