/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Learning handshakes and services: gateway and nodes keep the same two maps. Openings are an LRU map, so a SYN
 * flood can push out other openings but never an established flow.
 */
#pragma once

#include "tcp_options.h"

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct flow_key);
	__type(value, struct handshake);
} openings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u8[16]);
	__type(value, struct vip);
} vips SEC(".maps");

static __always_inline const struct vip *vip_of(const __u8 *address)
{
	return bpf_map_lookup_elem(&vips, address);
}

/* The service's ports that a segment belongs to under this protocol (IPPROTO_*), or NULL. */
static __always_inline const struct port_range *range_of(const struct vip *vip, const struct segment *s, __u8 protocol)
{
	__u16 port = bpf_ntohs(s->key.service_port);

	for (__u32 i = 0; i < MAX_RANGES; i++) {
		const struct port_range *r = &vip->ranges[i];

		if (i >= vip->count)
			return NULL;
		if (port >= r->first && port <= r->last && (r->protocol == 0 || r->protocol == protocol))
			return r;
	}
	return NULL;
}

static __always_inline bool is_service(const struct vip *vip, const struct segment *s, __u8 protocol)
{
	return range_of(vip, s, protocol) != NULL;
}

static __always_inline struct handshake *opening_of(const struct flow_key *key)
{
	struct handshake *h = bpf_map_lookup_elem(&openings, key);

	if (!h) {
		struct handshake fresh = {};

		bpf_map_update_elem(&openings, key, &fresh, BPF_NOEXIST);
		h = bpf_map_lookup_elem(&openings, key);
	}
	return h;
}

static __always_inline void learn_syn(struct __sk_buff *skb, const struct segment *s)
{
	struct handshake *h = opening_of(&s->key);
	struct tcp_options o;

	if (!h)
		return;
	if ((h->flags & HS_SYN) && h->client_isn == s->seq)
		return;		/* a retransmission says nothing new */
	/* A SYN-ACK that overtook this SYN belongs to it; that of an earlier incarnation does not. */
	if (h->client_isn != s->seq)
		h->flags = 0;
	read_options(skb, s, &o);
	h->client_isn = s->seq;
	h->client_mss = o.mss ? o.mss : (s->ipv6 ? 1220 : 536);	/* RFC 9293 section 3.7.1 */
	h->client_wscale = o.wscale;
	h->flags |= HS_SYN | (o.has_wscale ? HS_CLIENT_WSCALE : 0) | (o.has_sack ? HS_CLIENT_SACK : 0) |
		    (o.has_timestamp ? HS_CLIENT_TIMESTAMP : 0) | (o.is_signed ? HS_SIGNED : 0) |
		    ((s->flags & (TCP_FLAG_ECE | TCP_FLAG_CWR)) == (TCP_FLAG_ECE | TCP_FLAG_CWR) ? HS_CLIENT_ECN : 0);
}

static __always_inline void learn_synack(struct __sk_buff *skb, const struct segment *s)
{
	struct handshake *h = opening_of(&s->key);
	struct tcp_options o;

	if (!h)
		return;
	if (h->flags && h->client_isn != s->ack - 1)
		return;		/* answers another incarnation's SYN */
	read_options(skb, s, &o);
	h->client_isn = s->ack - 1;
	h->server_isn = s->seq;
	h->synack_ns = bpf_ktime_get_ns();
	h->synack_tsval = o.tsval;
	h->server_wscale = o.wscale;
	h->server_window = s->window;
	h->flags |= HS_SYNACK | (o.has_wscale ? HS_SERVER_WSCALE : 0) | (o.has_sack ? HS_SERVER_SACK : 0) |
		    (o.has_timestamp ? HS_SERVER_TIMESTAMP : 0) | (o.is_signed ? HS_SIGNED : 0) |
		    ((s->flags & (TCP_FLAG_ECE | TCP_FLAG_CWR)) == TCP_FLAG_ECE ? HS_SERVER_ECN : 0);
}

static __always_inline bool is_complete(const struct handshake *h)
{
	return (h->flags & (HS_SYN | HS_SYNACK)) == (HS_SYN | HS_SYNACK);
}

/* Windows are scaled when both sides offered it, RFC 7323 section 2.2. */
static __always_inline bool is_scaled(const struct handshake *h)
{
	return (h->flags & (HS_CLIENT_WSCALE | HS_SERVER_WSCALE)) == (HS_CLIENT_WSCALE | HS_SERVER_WSCALE);
}
