/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* Reading one frame: Ethernet, IPv4 or IPv6, TCP, and the TCP options of a handshake. */
#pragma once

#include "appliance.h"

#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>

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
#define TCP_OFF_CSUM 16

#define MAX_EXTENSION_HEADERS 6

enum reading {
	NOT_IP,			/* ARP, VLAN-tagged frames, …: none of our business */
	MALFORMED,		/* the frame ends before its headers do, or lengths contradict each other */
	OTHER,			/* IP, but neither TCP nor readable as such; addresses are valid */
	FRAGMENT,		/* a part of an IP datagram; addresses are valid */
	TCP,
};

struct segment {
	struct flow_key key;
	__u32 l4;		/* offset of the TCP header from the start of the frame */
	__u32 header;		/* length of the TCP header with options */
	__u32 payload;		/* bytes after the TCP header; for GSO packets of all segments together */
	__u32 seq;
	__u32 ack;
	__u16 window;		/* as on the wire, unscaled */
	__u8 flags;
	__u8 ipv6;
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

/* The client's side of the key is the source on the way to the service, the destination on the way back. */
static __always_inline enum reading read_segment(struct __sk_buff *skb, enum direction direction, struct segment *s)
{
	__u32 l3_end;		/* end of the IP datagram, from the start of the frame */
	__u8 protocol;
	__be16 ethertype;

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

	if (protocol != IPPROTO_TCP)
		return OTHER;

	struct tcphdr tcp;

	if (l3_end > skb->len || bpf_skb_load_bytes(skb, s->l4, &tcp, sizeof(tcp)) < 0)
		return MALFORMED;
	s->header = tcp.doff * 4;
	if (s->header < sizeof(tcp) || s->l4 + s->header > l3_end)
		return MALFORMED;
	s->payload = l3_end - s->l4 - s->header;
	s->key.client_port = direction == TO_SERVICE ? tcp.source : tcp.dest;
	s->key.service_port = direction == TO_SERVICE ? tcp.dest : tcp.source;
	s->seq = bpf_ntohl(tcp.seq);
	s->ack = bpf_ntohl(tcp.ack_seq);
	s->window = bpf_ntohs(tcp.window);
	s->flags = ((__u8 *)&tcp)[13];
	return TCP;
}

struct tcp_options {
	__u32 tsval;
	__u32 tsecr;
	__u16 mss;		/* 0 = not given */
	__u8 wscale;
	bool has_wscale;
	bool has_sack;
	bool has_timestamp;
	bool is_signed;
};

struct option_walk {
	__u8 bytes[64];
	__u32 at;
	__u32 length;
	struct tcp_options options;
};

static __always_inline __u8 option_byte(const struct option_walk *w, __u32 offset)
{
	return w->bytes[(w->at + offset) & 63];
}

static __always_inline __u32 option_word(const struct option_walk *w, __u32 offset)
{
	return (__u32)option_byte(w, offset) << 24 | (__u32)option_byte(w, offset + 1) << 16 |
	       (__u32)option_byte(w, offset + 2) << 8 | option_byte(w, offset + 3);
}

/* One option; returns 1 to end the walk. A bpf_loop() callback, because the verifier would unroll a loop into millions
 * of states. */
static long read_option(__u64 index, void *context)
{
	struct option_walk *w = context;
	struct tcp_options *o = &w->options;
	__u8 kind, size;

	if (w->at >= w->length)
		return 1;
	kind = option_byte(w, 0);
	if (kind == 0)
		return 1;
	if (kind == 1) {
		w->at++;
		return 0;
	}
	size = option_byte(w, 1);
	if (size < 2 || w->at + size > w->length)
		return 1;
	if (kind == 2 && size == 4) {
		o->mss = option_byte(w, 2) << 8 | option_byte(w, 3);
	} else if (kind == 3 && size == 3) {
		o->has_wscale = true;
		o->wscale = option_byte(w, 2);
		if (o->wscale > 14)	/* RFC 7323 section 2.3 */
			o->wscale = 14;
	} else if (kind == 4 && size == 2) {
		o->has_sack = true;
	} else if (kind == 8 && size == 10) {
		o->has_timestamp = true;
		o->tsval = option_word(w, 2);
		o->tsecr = option_word(w, 6);
	} else if (kind == 19 || kind == 29) {
		o->is_signed = true;
	}
	w->at += size;
	return 0;
}

/*
 * Options in any order, hostile lengths included: a length of 0 or 1, or one that points past the header, ends the
 * walk with what was read so far, as the kernel's tcp_parse_options() does.
 */
static __always_inline void read_options(struct __sk_buff *skb, const struct segment *s, struct tcp_options *o)
{
	struct option_walk w = { .length = s->header - sizeof(struct tcphdr) };
	__u32 length = w.length;

	barrier_var(length);
	if (length >= 1 && length <= 40 &&
	    bpf_skb_load_bytes(skb, s->l4 + sizeof(struct tcphdr), w.bytes, length) == 0)
		bpf_loop(40, read_option, &w, 0);
	*o = w.options;
}
