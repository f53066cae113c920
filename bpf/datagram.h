/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The number that a copied datagram carries to the replicas. The gateway numbers the datagrams of a flow with 32 bits;
 * the low 16 travel in the copy's IP header, with a mark that says so:
 *   IPv4: the identification; the mark is the reserved flag, which receivers do not look at (ip_is_fragment())
 *   IPv6: the flow label 5nnnn
 * An original that a sender made to look like one (Linux draws labels at random: every sixteenth begins with 5) loses the
 * mark at the gateway, or a node would take what was sent to another for a copy and count anew.
 * Neither is under a transport checksum, nor does a receiving stack merge (GRO) packets that differ in it. Where a device
 * cuts an offloaded copy, IPv4 identifications count on from the first (inet_gso_segment()); IPv6 labels do not, and the
 * repair engine brings what the replica takes for duplicates.
 */
#pragma once

#include "segment.h"

/* The word of the IP header, and within it the bits that are the copy's. */
#define NUMBER_AT_V4 (ETH_HLEN + 4)
#define NUMBER_AT_V6 ETH_HLEN
#define NUMBER_BITS_V4 0xffff8000u
#define NUMBER_BITS_V6 0x000fffffu
#define NUMBER_MARK_V4 0x00008000u
#define NUMBER_MARK_V6 0x00050000u
#define NUMBER_BIT_V6 0x00040000u	/* of the mark; without it a label begins with 1 */

/* Most datagrams in one offloaded packet: UDP_MAX_SEGMENTS, include/linux/udp.h. */
#define MAX_DATAGRAMS 128

/* Datagrams in the packet: one, but for offloading. */
static __always_inline __u32 datagrams_in(struct __sk_buff *skb, const struct segment *s)
{
	return skb->gso_size && s->payload ? (s->payload + skb->gso_size - 1) / skb->gso_size : 1;
}

static __always_inline int load_ip_word(struct __sk_buff *skb, const struct segment *s, __u32 *word)
{
	__be32 raw;

	if (bpf_skb_load_bytes(skb, s->ipv6 ? NUMBER_AT_V6 : NUMBER_AT_V4, &raw, 4) < 0)
		return -1;
	*word = bpf_ntohl(raw);
	return 0;
}

static __always_inline int store_ip_word(struct __sk_buff *skb, const struct segment *s, __u32 from, __u32 to)
{
	__be32 old = bpf_htonl(from), new = bpf_htonl(to);

	if (s->ipv6)
		return bpf_skb_store_bytes(skb, NUMBER_AT_V6, &new, 4, 0);
	if (bpf_l3_csum_replace(skb, IPV4_OFF_CHECK, old, new, 4))
		return -1;
	return bpf_skb_store_bytes(skb, NUMBER_AT_V4, &new, 4, 0);
}

static __always_inline __u32 numbered(const struct segment *s, __u32 word, __u32 number)
{
	if (s->ipv6)
		return (word & ~NUMBER_BITS_V6) | NUMBER_MARK_V6 | (number & 0xffff);
	return (word & ~NUMBER_BITS_V4) | NUMBER_MARK_V4 | number << 16;
}

static __always_inline bool is_numbered(const struct segment *s, __u32 word)
{
	return s->ipv6 ? (word & NUMBER_BITS_V6 & ~0xffffu) == NUMBER_MARK_V6 : (word & NUMBER_MARK_V4) != 0;
}

/* What an original is sent on with: the sender's own word, without the mark. */
static __always_inline __u32 unmarked(const struct segment *s, __u32 word)
{
	if (!is_numbered(s, word))
		return word;
	return s->ipv6 ? word ^ NUMBER_BIT_V6 : word & ~NUMBER_MARK_V4;
}

/* The number of a copy; false for an original. */
static __always_inline bool number_of(struct __sk_buff *skb, const struct segment *s, __u16 *number)
{
	__u32 word;

	if (load_ip_word(skb, s, &word))
		return false;
	*number = s->ipv6 ? word : word >> 16;
	return is_numbered(s, word);
}
