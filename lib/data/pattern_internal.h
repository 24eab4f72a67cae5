/* SPDX-License-Identifier: MIT
 * A regular expression as a small program; nobody but its parser and its matcher knows it.
 */
#ifndef CHUTES_DATA_PATTERN_INTERNAL_H
#define CHUTES_DATA_PATTERN_INTERNAL_H

#include "lib/data/pattern.h"

enum pattern_op {
	PATTERN_SET,     /* one character of `n` ranges from `first`, or none of them */
	PATTERN_SPLIT,   /* go on at `a` and at `b` */
	PATTERN_JUMP,    /* go on at `a` */
	PATTERN_START,   /* only where the text starts */
	PATTERN_END,     /* only where it ends */
	PATTERN_EDGE,    /* only at the edge of a word */
	PATTERN_NO_EDGE, /* only elsewhere */
	PATTERN_FOUND,
};

/* Jumps count from the instruction itself, so that a piece of the program can be moved. */
struct pattern_step {
	enum pattern_op op;
	bool is_negated;
	int32_t a, b;
	size_t first, n;
};
struct pattern_range {
	uint32_t low, high;
};

struct pattern {
	struct pattern_step *steps;
	size_t n_steps;
	size_t steps_capacity;
	struct pattern_range *ranges;
	size_t n_ranges;
	size_t ranges_capacity;
};

#endif
