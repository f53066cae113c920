/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* Reading the TCP options of a handshake. */
#pragma once

#include "segment.h"

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
