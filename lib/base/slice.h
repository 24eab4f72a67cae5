/* SPDX-License-Identifier: MIT
 * Bytes that belong to somebody else.
 */
#ifndef CHUTES_BASE_SLICE_H
#define CHUTES_BASE_SLICE_H

#include "lib/base/compiler.h"

struct slice {
	const char *at; /* not terminated; NULL only with len 0 */
	size_t len;
};

#endif
