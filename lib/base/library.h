/* SPDX-License-Identifier: MIT
 * Shared libraries that are opened when they are first needed, because loading them costs more than
 * most commands take. Knows no library.
 */
#ifndef CHUTES_BASE_LIBRARY_H
#define CHUTES_BASE_LIBRARY_H

#include "lib/base/compiler.h"

struct library_function {
	const char *name; /* "EVP_DigestUpdate" */
	void *slot;       /* address of the function pointer to fill */
};

/* Open `soname` ("libcrypto.so.3") and fill all slots. False, with every slot NULL, when the
 * library or one of its functions is missing. It stays open for the life of the process; callers
 * guard it with pthread_once(). */
must_use bool library_open(const char *soname, const struct library_function *functions, size_t n);

#endif
