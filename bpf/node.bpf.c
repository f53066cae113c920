/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* A node's object: both hooks over one set of maps, and the watch on listeners. */
#include "replica_ingress.bpf.c"
#include "replica_egress.bpf.c"
#include "listener.bpf.c"

char LICENSE[] SEC("license") = "Dual MIT/GPL";
