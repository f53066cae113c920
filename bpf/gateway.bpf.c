/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* The gateway's object: both hooks over one set of maps. */
#include "gateway_egress.bpf.c"
#include "gateway_ingress.bpf.c"

char LICENSE[] SEC("license") = "Dual MIT/GPL";
