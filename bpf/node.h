/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* What a node's two hooks share: its role, the replicas of the flows, what is reported to the repair engine. */
#pragma once

#include "handshake.h"

enum node_counter {
	NODE_CLIENT_DELIVERED,		/* client segments handed to the replica's stack */
	NODE_SERVER_COPY_READ,		/* copies of the active node's output, read and consumed */
	NODE_ACK_CLAMPED,		/* pure ACKs whose number was cut to what the replica has sent */
	NODE_HELD_CAUSAL,		/* segments that acknowledge output which the replica has not produced */
	NODE_HELD_EARLY,		/* segments that came before their connection was ready for them */
	NODE_HOLD_FAILED,		/* the report ring was full: a segment is lost to the replica */
	NODE_SILENCED,			/* output of the replica, swallowed */
	NODE_SPOKEN,			/* output of taken-over flows, passed */
	NODE_PHANTOM_ACK,		/* output that the client had already acknowledged, answered on the spot */
	NODE_DROP_LEASE_EXPIRED,	/* output of an active node that has not heard the gateway */
	NODE_DROP_MALFORMED,
	NODE_SYN_LEARNT,
	NODE_SYNACK_LEARNT,
	NODE_STALE_SOCKET_RESET,	/* an earlier incarnation's socket made way for a new connection */
	NODE_REPLICA_OPENED,
	NODE_REPLICA_NO_LISTENER,	/* the replica's server does not listen on the port */
	NODE_REPLICA_REFUSED,		/* bpf_sk_assign_tcp_reqsk() refused: MPTCP listener, sysctls, tiny MSS */
	NODE_REPLICA_TABLE_FULL,
	NODE_REPLICA_SIGNED,		/* TCP-MD5 or TCP-AO: not replicated */
	NODE_FLOW_UNKNOWN,		/* client segments without a replica, consumed */
	NODE_IGNORED,			/* copies and segments that say nothing: no TCP, no ACK, or not for this role */
	NODE_REPLICA_RESET,		/* the replica's stack or server sent RST */
	NODE_DATAGRAM_DELIVERED,	/* numbered datagrams handed to the replica's stack */
	NODE_DATAGRAM_DUPLICATE,	/* numbered datagrams that had arrived before, or come too late to tell */
	NODE_CONSENT,			/* closes of the replica that the gateway was told of */
	NODE_CONSENT_ABSENT,		/* closes by the active node of connections that have no replica here */
	NODE_ORIGINAL_ADOPTED,		/* own connections that became replicas when the service moved away */
	NODE_ORIGINAL_MISSING,		/* own connections that the gateway knows and the stack does not */
	NODE_DIFFERENCE,		/* times that a replica said something else than its original */
	NODE_MUTED,			/* output of such flows that no client may hear */
	NODE_HOT,			/* output of a replica that is sent on: whoever says it first is heard */
	NODE_HELD_ORDERED,		/* segments that wait for their turn among those of other connections */
	NODE_DATAGRAM_UNCOMPARED,	/* datagrams of either node that found no room among those that wait to be compared */
	NODE_COUNTERS,
};

enum node_role {
	ROLE_REPLICA,		/* silent; also the state before the first order */
	ROLE_ACTIVE,
};

struct node_state {
	__u32 role;		/* enum node_role */
	__u32 tap_ifindex;
	__u32 inherited;	/* active, and flows of an earlier replica life may still exist */
	__u32 heard;		/* active, and the gateway has turned to this node; before, it speaks and goes on replicating */
	__u64 lease_until_ns;	/* CLOCK_MONOTONIC; an active node is silent from then on */
	__u64 epoch;
	__u64 first_spoken_ns;	/* when the first segment passed after user space cleared this field */
	__u32 ordering;		/* enum delivery: whose segments go to user space. All of them on a replica, and after a takeover until the last turn that waits */
	__u32 compared;		/* mask: of the flows of datagrams, those whose hash has none of these bits are compared */
	__u64 replicas_made;	/* since the start, counted when they can be found: whoever knows them all need not look for new ones */
};

enum replica_flag {
	REPLICA_CONFIRMED = 1 << 0,	/* the socket has been seen */
	REPLICA_WAITING = 1 << 1,	/* user space holds segments of this flow */
	REPLICA_CLIENT_FIN = 1 << 2,
	REPLICA_CLIENT_RST = 1 << 3,
	REPLICA_OWN_FIN = 1 << 4,
	REPLICA_OWN_RST = 1 << 5,
	REPLICA_ACTIVE_FIN = 1 << 6,	/* the active node sent FIN or RST */
	REPLICA_ACTIVE_RST = 1 << 7,
	REPLICA_DIFFERS = 1 << 8,	/* it has said something else than the active node */
	REPLICA_GREETED = 1 << 9,	/* its client has spoken again after what the server had said first */
	REPLICA_HOT = 1 << 10,	/* its client hears several nodes: this one speaks whatever its role, and the client may be ahead of all that is known here */
	REPLICA_ORDERED = 1 << 11,	/* of a service of DELIVERY_ORDERED */
	REPLICA_SERIAL = 1 << 12,	/* of a service of DELIVERY_SERIAL */
};

/* One replicated connection. Sequence numbers in host byte order. */
struct replica {
	struct bpf_spin_lock lock;
	__u32 flags;		/* enum replica_flag */
	__u32 client_isn;
	__u32 client_next;	/* after the highest byte that the client sent */
	__u32 client_ack;	/* highest acknowledgement by the client, of the active node's output */
	__u32 sent;		/* after the highest byte that this replica produced */
	__u32 received;		/* highest acknowledgement by this replica */
	__u32 active_next;	/* after the highest byte that the active node sent */
	__u32 active_ack;	/* highest acknowledgement by the active node */
	__u32 wait_for;		/* while REPLICA_WAITING: the highest `sent` that a held segment waits for */
	__u32 short_by;		/* bytes that its server has answered less than the original's: nothing waits for them */
	__u16 client_window;	/* last window of the client, as on the wire */
	__u16 own_window;	/* last window of the replica, as on the wire */
	__u8 own_wscale;	/* of own_window */
	__u8 reserved[7];
	__u64 opened_ns;	/* CLOCK_MONOTONIC */
	__u64 last_ns;
	__u64 closed_ns;	/* when the replica first sent FIN or RST */
};

#define TAIL_HEADERS 116	/* Ethernet, IPv6 and TCP with all options, and padding */
#define TAIL_CONTENT 1460	/* a full segment without options over Ethernet */

/*
 * The end of what a silent replica has sent and its client has not acknowledged. At a takeover it is sent at once, as a tail
 * loss probe (RFC 8985 section 7): the stack's own timer was set for a client that delays its acknowledgements.
 */
struct tail {
	__u64 sent_ns;		/* CLOCK_MONOTONIC */
	__u32 client_isn;
	__u32 seq;		/* of the first byte of `content`, host byte order */
	__u16 l4;		/* offset of the TCP header in `headers` */
	__u16 header_length;	/* bytes of `headers`; 0 while they are written */
	__u16 length;		/* bytes of `content` */
	__u16 repeated;		/* the stack has sent again since: its timer may be backed off, which can be undone */
	__u8 headers[TAIL_HEADERS];
	__u8 content[TAIL_CONTENT];
};

#define DIGEST_BLOCK 4096	/* bytes of the stream that are summed up together */
#define DIGEST_SLOTS 32		/* blocks that are summed up by one side only, for now */
#define DIGEST_LAST 48		/* bytes of either side that are kept as they are */

/* A block that one side has summed up and the other has not. */
struct digest_slot {
	__u64 sum;
	__u32 block;		/* its sequence numbers divided by DIGEST_BLOCK */
	__u32 reserved;
};

struct digest_side {
	__u64 sum;		/* of its bytes of the block that it is in */
	__u32 next;		/* up to where it has been followed */
	__u16 is_summed;	/* the block is summed up */
	__u16 last_length;	/* bytes of `last` */
	__u32 last_end;		/* sequence number after them */
	__u8 last[DIGEST_LAST];	/* the end of its last segment */
	__u8 reserved[4];
};

/* What a replica and its original have said, for comparison: see bpf/digest.h. Sequence numbers in host byte order. */
struct digest {
	struct bpf_spin_lock lock;
	__u32 client_isn;
	__u32 differs;		/* they have said different things, and have not agreed for long since */
	__u32 agreed;		/* bytes since then that both have said and that were summed up */
	__u32 begun;		/* how often the comparison has begun anew */
	__u32 head, tail;	/* of the queue in `slots`; they count on and on */
	__u32 first;		/* of the server's stream */
	__u64 summed_ns;	/* CLOCK_MONOTONIC, when the last block was begun that is summed up */
	__u32 all;		/* every block is due */
	__u32 from;		/* nothing before this is compared */
	struct digest_side own;
	struct digest_side active;
	struct digest_slot slots[DIGEST_SLOTS];
};

enum report_kind {
	REPORT_HELD_CAUSAL,	/* release when the replica has sent up to `release`, but for what it is short by */
	REPORT_HELD_EARLY,	/* try again a little later */
	REPORT_HELD_RESET,	/* release when the replica has received up to the segment's number */
	REPORT_PROGRESS,	/* the replica, or an active node's own connection, has sent up to `release`, with what it is short by */
	REPORT_SYN,		/* a client's SYN, for the case that the node takes over before it is answered */
	REPORT_DIFFERENCE,	/* the replica has said something else than its original, before `release` */
	REPORT_HELD_ORDERED,	/* release in its turn */
	REPORT_SAID,		/* the active node has sent up to `release`, when it had received up to `told_end` */
	REPORT_HELD_LATE,	/* as REPORT_HELD_ORDERED, but the active node has had it before it came here */
};

struct report {
	__u32 kind;		/* enum report_kind */
	__u32 release;
	__u32 l4;		/* offset of the TCP header in the frame */
	__u32 length;		/* of the frame; 0 where there is none */
	struct flow_key key;
	__u32 told_end;		/* sequence number after `told` */
	__u32 told_length;	/* 0 where nothing is known */
	__u8 told[DIGEST_LAST];	/* of a segment that waits for output: what the active node had said last when it came */
	__u8 frame[4];		/* `length` bytes */
};

#define REPORT_BYTES (16 << 20)
#define REPORT_FRAME offsetof(struct report, frame)

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct node_state);
} node_state SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_FLOWS);
	__type(key, struct flow_key);
	__type(value, struct replica);
} replicas SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_FLOWS);
	__type(key, struct flow_key);
	__type(value, struct tail);
} tails SEC(".maps");

/* What a new tail is made of: too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tail);
} no_tail SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_FLOWS);
	__type(key, struct flow_key);
	__type(value, struct digest);
} digests SEC(".maps");

/* What a new digest is made of: too large for the stack, too, and no value with a lock can be given to a helper. */
struct no_digest {
	__u8 zeros[sizeof(struct digest)];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct no_digest);
} no_digest SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, REPORT_BYTES);
} reports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NODE_COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} node_counters SEC(".maps");

/* Types that only user space reads by name: without a variable clang would leave them out of the object's BTF. */
const volatile struct {
	enum comparison comparison;
	enum node_counter counters;
	enum handshake_flag handshake;
	enum node_role role;
	enum replica_flag replica;
	struct report report;
} node_types = {};

static __always_inline void count(enum node_counter which)
{
	__u32 key = which;
	__u64 *n = bpf_map_lookup_elem(&node_counters, &key);

	if (n)
		(*n)++;
}

static __always_inline struct node_state *state_of_node(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&node_state, &zero);
}

/* A report without a frame. What is lost with a full ring the engine finds by itself, a little later. */
static __always_inline void report_with(enum report_kind kind, const struct flow_key *key, __u32 release, __u32 told_end)
{
	struct report *r = bpf_ringbuf_reserve(&reports, sizeof(*r), 0);

	if (!r)
		return;
	__builtin_memset(r, 0, sizeof(*r));
	r->kind = kind;
	r->release = release;
	r->told_end = told_end;
	r->key = *key;
	bpf_ringbuf_submit(r, 0);
}

static __always_inline void report(enum report_kind kind, const struct flow_key *key, __u32 release)
{
	report_with(kind, key, release, 0);
}

/* Whose segments user space delivers, of the flags of a replica. */
static __always_inline __u32 delivery_of(__u32 flags)
{
	return (flags & REPLICA_ORDERED ? DELIVERY_ORDERED : 0) | (flags & REPLICA_SERIAL ? DELIVERY_SERIAL : 0);
}

/* The error of the map. */
static __always_inline int add_replica(const struct flow_key *key, const struct replica *fresh)
{
	struct node_state *state = state_of_node();
	int err = bpf_map_update_elem(&replicas, key, fresh, BPF_NOEXIST);

	if (!err && state)
		__sync_fetch_and_add(&state->replicas_made, 1);
	return err;
}

static __always_inline void forget_replica(const struct flow_key *key)
{
	bpf_map_delete_elem(&digests, key);	/* before a successor can have one */
	bpf_map_delete_elem(&replicas, key);
	bpf_map_delete_elem(&tails, key);
}
