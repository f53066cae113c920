/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* What the gateway's two hooks share: who holds the service, the flows, the copies. */
#pragma once

#include "handshake.h"

enum gateway_counter {
	GATEWAY_TO_ACTIVE,		/* client segments sent on to the active node */
	GATEWAY_TO_CLIENT,		/* server segments that passed the fence */
	GATEWAY_COPIED_TO_REPLICA,	/* client segments copied */
	GATEWAY_COPIED_FROM_ACTIVE,	/* server segments copied */
	GATEWAY_COPY_FAILED,		/* the kernel refused a copy: no memory or a full queue */
	GATEWAY_DROP_FENCED,		/* sourced from a VIP by a node that does not hold the service */
	GATEWAY_DROP_NO_ACTIVE,		/* nobody holds the service */
	GATEWAY_DROP_MALFORMED,		/* to or from a VIP, but not readable */
	GATEWAY_PASS_FRAGMENT,		/* IP fragments are forwarded, never replicated */
	GATEWAY_PASS_OTHER,		/* to or from a VIP, no service: forwarded, not replicated */
	GATEWAY_FLOW_OPENED,
	GATEWAY_FLOW_REPLACED,		/* the server accepted a new connection on the ports of a known flow */
	GATEWAY_FLOW_TABLE_FULL,	/* a flow is forwarded unprotected */
	GATEWAY_FLOW_UNKNOWN,		/* segment of a connection whose handshake was never seen */
	GATEWAY_FLOW_SIGNED,		/* TCP-MD5 or TCP-AO: forwarded unprotected */
	GATEWAY_IMPLAUSIBLE,		/* client segments with numbers that no window allows: not believed, and dropped if they have content */
	GATEWAY_DROP_NO_MEMORY,		/* the frame's header could not be made writable */
	GATEWAY_RECORDED,		/* client segments with content in the record ring, retransmissions included */
	GATEWAY_DROP_UNRECORDED,	/* the record ring was full: dropped, so that the client sends it again */
	GATEWAY_WINDOW_NARROWED,	/* server segments whose window was cut: a replica lags, or the record ring fills */
	GATEWAY_DATAGRAM_RECORDED,	/* datagrams in the record ring, numbered */
	GATEWAY_CLOSE_HELD,		/* closes by the active node's server that wait for the replica's */
	GATEWAY_CLOSE_AGREED,		/* closes that had to wait, and were sent on when the replica closed, too */
	GATEWAY_CLOSE_UNCONFIRMED,	/* closes that were sent on without the replica's, after the longest wait */
	GATEWAY_CONSENT,		/* words of a replica that it closes, or has no such connection */
	GATEWAY_DROP_ABSENT,		/* words of a node that it has no such connection, while its replica is being made there */
	GATEWAY_REPLICA_HEARD,		/* segments of a replica that clients were given: output hot */
	GATEWAY_SECOND_COPY,		/* segments that brought nothing that another node had not brought before */
	GATEWAY_OUTPUT_HELD,		/* segments of output that wait for another node to say the same: output agree */
	GATEWAY_OUTPUT_AGREED,		/* segments of output that passed after that, or after waiting for long enough */
	GATEWAY_OUTPUT_UNHELD,		/* the ring of outputs was full: dropped, so that the node sends it again */
	GATEWAY_COUNTERS,
};

/*
 * The one word that decides: epoch << 16 | mask of replica nodes << 8 | index of the active node. User space writes it
 * through shared memory in a single store, so every packet sees one consistent assignment: forwarding, fence and copies
 * turn together.
 */
struct gateway_state {
	__u64 assignment;
	__u32 lan_ifindex;
	__u8 gateway_mac[6];
	__u16 layout;		/* version of the maps' meaning: a successor adopts only its own */
	__u32 limited;		/* entries in `limits` */
	struct {
		__u8 mac[6];
		__u8 drained;	/* an operator keeps it out: for the next process */
		__u8 reserved;
	} nodes[MAX_NODES];
	__u32 widest;		/* bytes: no client is shown a wider window; 0 is no bound */
	__u32 gate;		/* mask of the replica nodes without whose consent the active node's closes do not pass */
	__u64 turned_ns;	/* when the service last moved, CLOCK_MONOTONIC: closes that were held before are void */
	__u32 voiced;		/* entries in `voices` */
	__u32 agreeing;		/* services whose output passes when the nodes agree on it */
	__u64 agrees[4];	/* their indices, one bit each */
};

enum flow_flag {
	FLOW_CLIENT_FIN = 1 << 0,
	FLOW_SERVER_FIN = 1 << 1,
	FLOW_CLIENT_RST = 1 << 2,
	FLOW_SERVER_RST = 1 << 3,
	FLOW_HELD_FIN = 1 << 4,	/* by the node in `held_by` */
	FLOW_HELD_RST = 1 << 5,
	FLOW_MERGED = 1 << 6,	/* output hot: numbers up to `server_next` have reached the client, from whichever node, and none beyond */
};

struct flow {
	struct handshake handshake;
	__u64 opened_ns;	/* CLOCK_MONOTONIC */
	__u64 last_ns;
	__u64 client_bytes;	/* payload forwarded, retransmissions included */
	__u64 server_bytes;
	__u32 client_next;	/* after the highest byte that the client sent */
	__u32 client_ack;	/* highest acknowledgement by the client */
	__u32 server_next;
	__u32 server_ack;
	__u32 flags;		/* enum flow_flag */
	__u32 edge;		/* right edge of the widest window that the client was shown */
	__u64 held_ns;		/* since when a close of `held_by` is held */
	__u32 held_end;		/* sequence number after the FIN that is held; without one, of the reset */
	__u32 held_by;		/* index of the node; means something with a FLOW_HELD flag */
};

/* How far a client may send while a replica lags. */
struct limit {
	__u32 client_isn;
	__u32 right;		/* sequence number that windows do not reach beyond */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct gateway_state);
} gateway_state SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_FLOWS);
	__type(key, struct flow_key);
	__type(value, struct flow);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_FLOWS);
	__type(key, struct flow_key);
	__type(value, struct limit);
} limits SEC(".maps");

/*
 * Replicas of the flow are being made on these nodes, from the record. Until they are there, a node's word that it has no
 * such connection says nothing, be it a consent or the reset of a node that has taken over. User space keeps the entries.
 */
struct making {
	__u32 client_isn;
	__u32 nodes;		/* mask */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_FLOWS);
	__type(key, struct flow_key);
	__type(value, struct making);
} making SEC(".maps");

/* A replica has closed the flow at this place, or has none of it and lets the active node close there. */
struct consent {
	__u32 client_isn;
	__u32 end;		/* sequence number after the FIN; of a reset its own */
};

/* User space takes an entry out when the flow has a replica again. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct flow_key);
	__type(value, struct consent);
} consents SEC(".maps");

/* When the close of a flow had waited for long enough, CLOCK_MONOTONIC nanoseconds. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct flow_key);
	__type(value, __u64);
} ungated SEC(".maps");

/* What of the output of several nodes passes that is new to the client. */
enum voice_mode {
	VOICE_FIRST,		/* whatever comes first */
	VOICE_AGREED,		/* nothing by itself: user space gets it, and sends on what all have said */
	VOICE_ACTIVE,		/* the active node's; what the others say is noted */
	VOICE_NOBODY,		/* nothing: the nodes contradict one another */
};

/*
 * Output hot and agree: nodes that are heard besides the active one. User space makes the entry when a replica is in step and the
 * active node, too, can bear a client that is ahead of it; it stays, without nodes if need be, until the flow ends.
 */
struct voice {
	__u32 client_isn;
	__u32 nodes;		/* mask; those without a copy of the client's segments are not heard all the same */
	__u32 mode;		/* enum voice_mode */
	__u32 reserved;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_FLOWS);
	__type(key, struct flow_key);
	__type(value, struct voice);
} voices SEC(".maps");

struct merge_side {
	__u32 sent;		/* after the highest byte that the node has sent */
	__u32 acked;		/* its highest acknowledgement */
	__u32 repeats;		/* how often it has repeated that in segments without content */
	__u32 right;		/* where the window ends that it has shown */
	__u64 behind_ns;	/* since when its client waits for it to move, CLOCK_MONOTONIC; 0 while it does not */
	__u64 patience_ns;	/* for so long its client does */
	__u64 paused_ns;	/* when it last took nearly as long as that, CLOCK_MONOTONIC */
};

/* What a client was given that hears several nodes: bpf/gateway_merge.h. Sequence numbers in host byte order. */
struct merge {
	struct bpf_spin_lock lock;
	__u32 client_isn;
	__u32 next;		/* after the highest byte */
	__u32 ack;		/* highest acknowledgement */
	__u32 tsval;		/* newest timestamp */
	__u32 known;		/* mask of the nodes whose side is known */
	__u32 repeats;		/* how often `ack` was repeated */
	__u32 mark_end;		/* whoever was first here was so ... */
	__u64 mark_ns;		/* ... at this time, CLOCK_MONOTONIC; 0 while nothing is compared */
	__u32 mark_node;
	__u32 first;		/* mask of the nodes that were first with anything */
	struct merge_side sides[MAX_NODES];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_FLOWS);
	__type(key, struct flow_key);
	__type(value, struct merge);
} merges SEC(".maps");

#define WIN_BUCKETS 24		/* powers of two of a microsecond; the last one has no bound */

/* By how much a node was first with bytes that another has brought, too, a sample: node * (WIN_BUCKETS + 1) + bucket; and in the end the sum, ns. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAX_NODES * (WIN_BUCKETS + 1));
	__type(key, __u32);
	__type(value, __u64);
} wins SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, GATEWAY_COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} gateway_counters SEC(".maps");

/* Types that only user space reads by name: without a variable clang would leave them out of the object's BTF. */
const volatile struct {
	enum gateway_counter counters;
	enum handshake_flag handshake;
	enum flow_flag flow;
	enum voice_mode voice;
} gateway_types = {};

static __always_inline void count(enum gateway_counter which)
{
	__u32 key = which;
	__u64 *n = bpf_map_lookup_elem(&gateway_counters, &key);

	if (n)
		(*n)++;
}

static __always_inline struct gateway_state *state_of_gateway(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&gateway_state, &zero);
}

static __always_inline __u32 active_of(__u64 assignment)
{
	return assignment & 0xff;
}

/*
 * Sends a copy of the frame to every replica, both MAC addresses rewritten: a copy that kept somebody else's source
 * would move the switch's forwarding entry. The frame itself is left with the copy's addresses.
 */
static __always_inline void copy_to_replicas(struct __sk_buff *skb, const struct gateway_state *state, __u64 assignment,
					     enum gateway_counter counter)
{
	__u32 mask = assignment >> 8 & 0xff;
	__u32 mark = skb->mark;

	for (__u32 i = 0; i < MAX_NODES; i++) {
		if (!(mask & 1u << i))
			continue;
		if (bpf_skb_store_bytes(skb, 0, state->nodes[i].mac, 6, 0) ||
		    bpf_skb_store_bytes(skb, 6, state->gateway_mac, 6, 0)) {
			count(GATEWAY_COPY_FAILED);
			continue;
		}
		skb->mark = COPY_MARK;
		count(bpf_clone_redirect(skb, state->lan_ifindex, 0) ? GATEWAY_COPY_FAILED : counter);
		skb->mark = mark;
	}
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
