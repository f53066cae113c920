/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * What the gateway's and the nodes' programs share: the layouts that user space reads (they live once, here;
 * a test compares the C# views with this object's BTF), sequence arithmetic and counters.
 *
 * Sequence numbers, ports inside `struct segment` and windows are in host byte order; everything inside
 * `struct flow_key` is as on the wire, IPv4 addresses as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2).
 */
#pragma once

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* The compiler keeps stores on either side of it. */
#define barrier() asm volatile("" ::: "memory")

#define MAX_FLOWS 262144	/* user space lowers it to the configured limit before loading */
#define MAX_NODES 4
#define MAX_RANGES 16
#define NO_NODE 0xff

/* skb->mark of a copy on its way to a replica: the egress hook lets it pass unseen. */
#define COPY_MARK 0x54324152u

/* skb->mark of a consent on its way to the gateway: a silent node's egress hook lets it pass. */
#define CONSENT_MARK 0x54324143u

/* skb->mark of the gateway's own probe of a server: it is addressed like a client's segment, and is none. */
#define PROBE_MARK 0x54324150u

/* The same, of every node that has the connection. */
#define PROBE_ALL_MARK 0x54324151u

/* skb->mark of output on which the nodes have agreed: user space sends it out of the LAN interface, and its hooks turn it round. */
#define AGREED_MARK 0x54324147u

struct flow_key {
	__u8 client[16];
	__u8 service[16];
	__be16 client_port;
	__be16 service_port;
};

/* How much of what both nodes say is compared. */
enum comparison {
	COMPARE_SAMPLES,	/* everything up to some 20 MB/s of a connection, of what is more a part */
	COMPARE_ALL,		/* everything, as long as the nodes are near one another */
	COMPARE_NOTHING,
};

/* How user space delivers what clients send to one service, where it does; bits. */
enum delivery {
	DELIVERY_ORDERED = 1 << 0,	/* to a replica, in the order in which it passed the gateway */
	DELIVERY_SERIAL = 1 << 1,	/* to either node, one at a time; to a replica in the order in which the active node has answered */
};

struct port_range {
	__u16 first;		/* host byte order, inclusive */
	__u16 last;
	__u8 protocol;		/* IPPROTO_*, 0 = any */
	__u8 service;		/* index of the configured service */
	__u8 carries;		/* a replica that has diverged is heard all the same after a takeover */
	__u8 delivery;		/* enum delivery; 0 = as it comes */
	__u8 comparison;	/* enum comparison */
	__u8 reserved[3];
};

/* One protected address and which of its ports belong to a service. */
struct vip {
	__u32 count;
	struct port_range ranges[MAX_RANGES];
};

enum handshake_flag {
	HS_SYN = 1 << 0,
	HS_SYNACK = 1 << 1,
	HS_CLIENT_WSCALE = 1 << 2,
	HS_CLIENT_SACK = 1 << 3,
	HS_CLIENT_TIMESTAMP = 1 << 4,
	HS_CLIENT_ECN = 1 << 5,
	HS_SERVER_WSCALE = 1 << 6,
	HS_SERVER_SACK = 1 << 7,
	HS_SERVER_TIMESTAMP = 1 << 8,
	HS_SERVER_ECN = 1 << 9,
	HS_SIGNED = 1 << 10,	/* TCP-MD5 (RFC 2385) or TCP-AO (RFC 5925) */
	HS_ORIGINAL = 1 << 11,	/* the node has the connection itself: its own socket becomes the replica */
};

/* What a connection's SYN and SYN-ACK agreed upon: the paper's "early TCP state synchronisation". */
struct handshake {
	__u64 synack_ns;	/* CLOCK_MONOTONIC when the SYN-ACK was seen */
	__u32 client_isn;
	__u32 server_isn;
	__u32 synack_tsval;
	__u16 flags;		/* enum handshake_flag */
	__u16 client_mss;
	__u8 client_wscale;
	__u8 server_wscale;
	__u16 server_window;	/* of the SYN-ACK, where windows are never scaled */
	__u8 reserved[4];
};

/* a <= b and friends in sequence space, RFC 9293 section 3.4. */
static __always_inline bool seq_after(__u32 a, __u32 b)
{
	return (__s32)(a - b) > 0;
}

/* Further ahead than any window reaches (RFC 7323 section 2.3: at most 2^30): not this connection's number. */
#define FAR_AHEAD (1u << 30)

static __always_inline __u32 seq_max(__u32 a, __u32 b)
{
	return seq_after(a, b) ? a : b;
}
