/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* Reading one frame: Ethernet, IPv4 or IPv6, TCP or UDP. */
#pragma once

#include "appliance.h"

#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#define TCP_FLAG_FIN 0x01
#define TCP_FLAG_SYN 0x02
#define TCP_FLAG_RST 0x04
#define TCP_FLAG_PSH 0x08
#define TCP_FLAG_ACK 0x10
#define TCP_FLAG_ECE 0x40
#define TCP_FLAG_CWR 0x80

#define TCP_OFF_SEQ 4
#define TCP_OFF_ACK 8
#define TCP_OFF_FLAGS 12	/* 16-bit word: data offset and flags */
#define TCP_OFF_WINDOW 14
#define TCP_OFF_CSUM 16

/*
 * One of the reserved bits beside the data offset (RFC 9293 section 3.1) marks a close between gateway and node: a copy of
 * a FIN or RST that the gateway holds, and on the way back a node's consent to it. No client or server ever sees it.
 */
#define TCP_CLOSE_MARK 0x0400

/* Beside it, in a consent: the node has no such connection, and it is not the connection's server that closes. */
#define TCP_ABSENT_MARK 0x0200

#define MAX_EXTENSION_HEADERS 6

enum reading {
	NOT_IP,			/* ARP, VLAN-tagged frames, …: none of our business */
	MALFORMED,		/* the frame ends before its headers do, or lengths contradict each other */
	OTHER,			/* IP, but neither TCP nor UDP nor readable as such; addresses are valid */
	FRAGMENT,		/* a part of an IP datagram; addresses are valid */
	TCP,
	UDP,			/* no numbers, flags or window */
};

struct segment {
	struct flow_key key;
	__u32 l4;		/* offset of the transport header from the start of the frame */
	__u32 header;		/* its length, with TCP's options */
	__u32 payload;		/* bytes after it; for GSO packets of all segments together */
	__u32 seq;
	__u32 ack;
	__u16 window;		/* as on the wire, unscaled */
	__u8 flags;
	__u8 ipv6;
	__u8 is_marked;		/* TCP_CLOSE_MARK */
	__u8 is_absent;		/* TCP_ABSENT_MARK */
	__u8 reserved[2];
};

enum direction { TO_SERVICE, FROM_SERVICE };

static __always_inline void set_v4(__u8 address[16], __be32 v4)
{
	__builtin_memset(address, 0, 10);
	address[10] = 0xff;
	address[11] = 0xff;
	__builtin_memcpy(address + 12, &v4, 4);
}

/* Sequence number after the last byte (SYN and FIN count one each). */
static __always_inline __u32 segment_end(const struct segment *s)
{
	return s->seq + s->payload + !!(s->flags & TCP_FLAG_SYN) + !!(s->flags & TCP_FLAG_FIN);
}

static __always_inline void set_ports(struct segment *s, enum direction direction, __be16 source, __be16 destination)
{
	s->key.client_port = direction == TO_SERVICE ? source : destination;
	s->key.service_port = direction == TO_SERVICE ? destination : source;
}

static __always_inline enum reading read_udp(struct __sk_buff *skb, enum direction direction, struct segment *s, __u32 l3_end)
{
	struct udphdr udp;
	__u32 length;

	if (bpf_skb_load_bytes(skb, s->l4, &udp, sizeof(udp)) < 0)
		return MALFORMED;
	length = skb->gso_size ? l3_end - s->l4 : bpf_ntohs(udp.len);
	if (length < sizeof(udp) || s->l4 + length > l3_end)
		return MALFORMED;
	s->header = sizeof(udp);
	s->payload = length - sizeof(udp);
	set_ports(s, direction, udp.source, udp.dest);
	return UDP;
}

/*
 * The client's side of the key is the source on the way to the service, the destination on the way back. A global function: the
 * verifier reads it once, and what follows it once, too, and not for every way through the headers.
 */
__noinline enum reading read_segment(struct __sk_buff *skb, enum direction direction, struct segment *s)
{
	__u32 l3_end;		/* end of the IP datagram, from the start of the frame */
	__u8 protocol;
	__be16 ethertype;

	if (!s)
		return NOT_IP;
	__builtin_memset(s, 0, sizeof(*s));
	if (skb->vlan_present)	/* the tag is not in the frame any more, but it is another network's */
		return NOT_IP;
	if (bpf_skb_load_bytes(skb, 12, &ethertype, 2) < 0)
		return NOT_IP;

	if (ethertype == bpf_htons(ETH_P_IP)) {
		struct iphdr ip;
		__u32 length;

		if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) < 0 || ip.version != 4 || ip.ihl < 5)
			return MALFORMED;
		set_v4(s->key.client, direction == TO_SERVICE ? ip.saddr : ip.daddr);
		set_v4(s->key.service, direction == TO_SERVICE ? ip.daddr : ip.saddr);
		if (ip.frag_off & bpf_htons(0x3fff))
			return FRAGMENT;
		length = bpf_ntohs(ip.tot_len);
		/* A GSO packet may be longer than its length field can say. */
		l3_end = skb->gso_size ? skb->len : ETH_HLEN + length;
		s->l4 = ETH_HLEN + ip.ihl * 4;
		protocol = ip.protocol;
	} else if (ethertype == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr ip;

		if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) < 0 || ip.version != 6)
			return MALFORMED;
		__builtin_memcpy(s->key.client, direction == TO_SERVICE ? &ip.saddr : &ip.daddr, 16);
		__builtin_memcpy(s->key.service, direction == TO_SERVICE ? &ip.daddr : &ip.saddr, 16);
		l3_end = skb->gso_size ? skb->len : ETH_HLEN + sizeof(ip) + bpf_ntohs(ip.payload_len);
		s->l4 = ETH_HLEN + sizeof(ip);
		s->ipv6 = 1;
		protocol = ip.nexthdr;
		for (int i = 0; i < MAX_EXTENSION_HEADERS; i++) {
			__u8 extension[2];

			if (protocol == IPPROTO_FRAGMENT)
				return FRAGMENT;
			if (protocol != IPPROTO_HOPOPTS && protocol != IPPROTO_DSTOPTS && protocol != IPPROTO_ROUTING)
				break;
			if (bpf_skb_load_bytes(skb, s->l4, extension, 2) < 0)
				return MALFORMED;
			protocol = extension[0];
			s->l4 += 8 + extension[1] * 8;
		}
	} else {
		return NOT_IP;
	}

	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
		return OTHER;
	if (l3_end > skb->len)
		return MALFORMED;
	if (protocol == IPPROTO_UDP)
		return read_udp(skb, direction, s, l3_end);

	struct tcphdr tcp;

	if (bpf_skb_load_bytes(skb, s->l4, &tcp, sizeof(tcp)) < 0)
		return MALFORMED;
	s->header = tcp.doff * 4;
	if (s->header < sizeof(tcp) || s->l4 + s->header > l3_end)
		return MALFORMED;
	s->payload = l3_end - s->l4 - s->header;
	set_ports(s, direction, tcp.source, tcp.dest);
	s->seq = bpf_ntohl(tcp.seq);
	s->ack = bpf_ntohl(tcp.ack_seq);
	s->window = bpf_ntohs(tcp.window);
	s->flags = ((__u8 *)&tcp)[13];
	s->is_marked = !!(((__u8 *)&tcp)[12] & (TCP_CLOSE_MARK >> 8));
	s->is_absent = !!(((__u8 *)&tcp)[12] & (TCP_ABSENT_MARK >> 8));
	return TCP;
}

static __always_inline void replace_u32(struct __sk_buff *skb, __u32 l4, __u32 field, __u32 from, __u32 to)
{
	__be32 old = bpf_htonl(from), new = bpf_htonl(to);

	if (old == new)
		return;
	bpf_l4_csum_replace(skb, l4 + TCP_OFF_CSUM, old, new, 4);
	bpf_skb_store_bytes(skb, l4 + field, &new, 4, 0);
}

/* Sets and clears bits of the word that holds data offset, reserved bits and flags. */
static __always_inline void change_flags(struct __sk_buff *skb, __u32 l4, __u16 clear, __u16 set)
{
	__be16 old, new;

	if (bpf_skb_load_bytes(skb, l4 + TCP_OFF_FLAGS, &old, 2) < 0)
		return;
	new = (old & ~bpf_htons(clear)) | bpf_htons(set);
	if (old == new)
		return;
	bpf_l4_csum_replace(skb, l4 + TCP_OFF_CSUM, old, new, 2);
	bpf_skb_store_bytes(skb, l4 + TCP_OFF_FLAGS, &new, 2, 0);
}

#define IPV4_OFF_TTL (ETH_HLEN + 8)
#define IPV4_OFF_CHECK (ETH_HLEN + 10)
#define IPV6_OFF_HOPS (ETH_HLEN + 7)
#define IPV4_OFF_LENGTH (ETH_HLEN + 2)
#define IPV6_OFF_LENGTH (ETH_HLEN + 4)

/* Ends the frame after its TCP header, and corrects the IP header; the TCP checksum is the caller's. */
static __always_inline bool cut_tail(struct __sk_buff *skb, const struct segment *s)
{
	__u32 offset = s->ipv6 ? IPV6_OFF_LENGTH : IPV4_OFF_LENGTH;
	__be16 old, new = bpf_htons(s->l4 + s->header - ETH_HLEN - (s->ipv6 ? sizeof(struct ipv6hdr) : 0));

	if (bpf_skb_change_tail(skb, s->l4 + s->header, 0) || bpf_skb_load_bytes(skb, offset, &old, 2) < 0)
		return false;
	if (!s->ipv6)
		bpf_l3_csum_replace(skb, IPV4_OFF_CHECK, old, new, 2);
	bpf_skb_store_bytes(skb, offset, &new, 2, 0);
	return true;
}

/* A consent lives for one hop: where no program of the gateway takes it in, no router passes it on. */
#define CONSENT_TTL 1

static __always_inline __u8 ttl_of(struct __sk_buff *skb, const struct segment *s)
{
	__u8 ttl = 0;

	bpf_skb_load_bytes(skb, s->ipv6 ? IPV6_OFF_HOPS : IPV4_OFF_TTL, &ttl, 1);
	return ttl;
}

static __always_inline void set_ttl(struct __sk_buff *skb, const struct segment *s, __u8 ttl)
{
	__u8 word[2];
	__be16 old, new;

	if (s->ipv6) {
		bpf_skb_store_bytes(skb, IPV6_OFF_HOPS, &ttl, 1, 0);
		return;
	}
	if (bpf_skb_load_bytes(skb, IPV4_OFF_TTL, word, 2) < 0)
		return;
	__builtin_memcpy(&old, word, 2);
	word[0] = ttl;
	__builtin_memcpy(&new, word, 2);
	bpf_l3_csum_replace(skb, IPV4_OFF_CHECK, old, new, 2);
	bpf_skb_store_bytes(skb, IPV4_OFF_TTL, &ttl, 1, 0);
}
