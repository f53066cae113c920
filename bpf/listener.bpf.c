/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Wakes the agent when a listener has gone, so that a dead server is noticed at once and not only at the agent's next look.
 * The tracepoint (net/ipv4/af_inet.c, inet_sk_state_store()) is the host's: listeners of other network namespaces wake the
 * agent, too, and it looks in vain.
 */
#include "kernel.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} listeners_gone SEC(".maps");

SEC("raw_tp/inet_sock_set_state")
int listener_gone(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 word = 0;

	if ((int)ctx->args[1] == TCP_LISTEN && (int)ctx->args[2] == TCP_CLOSE)
		bpf_ringbuf_output(&listeners_gone, &word, sizeof(word), BPF_RB_FORCE_WAKEUP);
	return 0;
}
