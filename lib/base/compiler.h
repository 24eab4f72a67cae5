/* SPDX-License-Identifier: MIT
 * Words for the compiler: attributes that make misuse a warning. Knows nothing.
 */
#ifndef CHUTES_BASE_COMPILER_H
#define CHUTES_BASE_COMPILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define must_use               __attribute__((warn_unused_result))
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))
#define maybe_unused           __attribute__((unused))
/* In place of `static inline`, where a call costs more than is saved */
#define force_inline static inline __attribute__((always_inline))

/* Number of elements of an array (not of a pointer). */
#define array_len(a) (sizeof(a) / sizeof((a)[0]))

/* Move a pointer out of a variable, which becomes NULL: `*out = take(p)`. */
#define take(p)                                                                                    \
	__extension__({                                                                            \
		__auto_type taken_ = (p);                                                          \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})

#endif
