/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Wakes the agent when a listener has gone or is about to, so that a dead server is noticed at once and not only at the
 * agent's next look. Both tracepoints are the host's: what happens in other network namespaces wakes the agent, too, and it
 * looks in vain.
 *   listener_gone    net/ipv4/af_inet.c, inet_sk_state_store(): a listener is closed
 *   process_exit     kernel/exit.c, do_exit(): a process with a listener of its own dies. The kernel closes its sockets one after
 *                    the other, later, and the listener when its turn comes: with a thousand connections, after 20 ms
 */
#include "kernel.h"

#include <bpf/bpf_core_read.h>

#define AF_INET 2
#define AF_INET6 10
#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define MOST_FILES 1024		/* a listener is opened early */

/* The kernel's types by the names of the fields that are read; libbpf ignores what follows three underscores. */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct sock_common___dying {
	unsigned short skc_family;
	volatile unsigned char skc_state;
	struct {
		__s64 counter;
	} skc_cookie;
};

struct sock___dying {
	struct sock_common___dying __sk_common;
};

struct socket___dying {
	struct sock___dying *sk;
};

struct inode___dying {
	unsigned short i_mode;
};

struct file___dying {
	struct inode___dying *f_inode;
	void *private_data;
	struct {
		struct {
			__s64 counter;
		} refcnt;
	} f_ref;		/* Linux 6.13 and later: references beyond the first */
};

struct file___counted {
	struct {
		__s64 counter;
	} f_count;
};

struct fdtable___dying {
	unsigned int max_fds;
	struct file___dying **fd;
};

struct files_struct___dying {
	struct fdtable___dying *fdt;
};

struct signal_struct___dying {
	struct {
		int counter;
	} live;			/* threads that have not begun to exit */
};

struct task_struct___dying {
	struct signal_struct___dying *signal;
	struct files_struct___dying *files;
};

#pragma clang attribute pop

/* The socket's cookie (SO_COOKIE) of a listener that dies with its process, or 0: look for yourself. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} listeners_gone SEC(".maps");

static __always_inline void wake_agent(__u64 cookie)
{
	bpf_ringbuf_output(&listeners_gone, &cookie, sizeof(cookie), BPF_RB_FORCE_WAKEUP);
}

SEC("raw_tp/inet_sock_set_state")
int listener_gone(struct bpf_raw_tracepoint_args *ctx)
{
	if ((int)ctx->args[1] == TCP_LISTEN && (int)ctx->args[2] == TCP_CLOSE)
		wake_agent(0);
	return 0;
}

/* Does nobody else have it: no other process, and no other descriptor? */
static __always_inline bool is_unshared(struct file___dying *file)
{
	if (bpf_core_field_exists(file->f_ref))
		return BPF_CORE_READ(file, f_ref.refcnt.counter) == 0;
	return BPF_CORE_READ((struct file___counted *)file, f_count.counter) == 1;
}

static __always_inline void look_at_file(struct file___dying *file)
{
	struct socket___dying *socket;
	unsigned short family;
	struct sock___dying *sk;

	if ((BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return;
	socket = BPF_CORE_READ(file, private_data);
	sk = BPF_CORE_READ(socket, sk);
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if ((family == AF_INET || family == AF_INET6) && BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_LISTEN &&
	    is_unshared(file))
		wake_agent(BPF_CORE_READ(sk, __sk_common.skc_cookie.counter));
}

struct open_files {
	struct file___dying **files;
	__u32 count;
};

static int look_at_descriptor(__u32 i, struct open_files *open)
{
	struct file___dying *file;

	if (i >= open->count)
		return 1;
	if (bpf_probe_read_kernel(&file, sizeof(file), open->files + i) == 0 && file)
		look_at_file(file);
	return 0;
}

SEC("raw_tp/sched_process_exit")
int process_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct___dying *task = (void *)ctx->args[0];
	struct fdtable___dying *table;
	struct open_files open;

	if (BPF_CORE_READ(task, signal, live.counter) != 0)
		return 0;
	table = BPF_CORE_READ(task, files, fdt);
	open.files = BPF_CORE_READ(table, fd);
	open.count = BPF_CORE_READ(table, max_fds);
	bpf_loop(MOST_FILES, look_at_descriptor, &open, 0);
	return 0;
}
