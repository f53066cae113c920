/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* The few kernel types that the replica hooks read, relocated by libbpf against the running kernel (CO-RE). */
#pragma once

#include "appliance.h"

#define TCP_TIME_WAIT 6
#define TCP_CLOSE 7
#define TCP_LISTEN 10
#define TCP_NEW_SYN_RECV 12

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct sock_common {
	union {
		__u32 skc_tw_rcv_nxt;
	};
};

struct sock {
	struct sock_common __sk_common;
};

struct tcp_sock {
	__u32 rcv_nxt;
	__u32 snd_nxt;
};

struct inet_timewait_sock {
	struct sock_common __tw_common;
};

struct tcp_timewait_sock {
	struct inet_timewait_sock tw_sk;
};

#pragma clang attribute pop

/* include/net/tcp.h, struct bpf_tcp_req_attrs; the kernel insists on its exact size and on zeros in `reserved`. */
struct bpf_tcp_req_attrs {
	__u32 rcv_tsval;
	__u32 rcv_tsecr;
	__u16 mss;
	__u8 rcv_wscale;
	__u8 snd_wscale;
	__u8 ecn_ok;
	__u8 wscale_ok;
	__u8 sack_ok;
	__u8 tstamp_ok;
	__u8 usec_ts_ok;
	__u8 reserved[3];
};

extern int bpf_sk_assign_tcp_reqsk(struct __sk_buff *s, struct sock *sk, struct bpf_tcp_req_attrs *attrs,
				   int attrs__sz) __ksym;
