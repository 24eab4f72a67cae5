/* SPDX-License-Identifier: MIT
 * Memory for secrets: between pages that nobody may touch, never swapped where the limits of the
 * process allow it, never in a core file, wiped when it is released. No function here prints it,
 * and none should be given it as "%s". Each costs 4 pages and some system calls, so it is for keys
 * and phrases, not for what a loop makes.
 */
#ifndef CHUTES_CRYPTO_SECRET_H
#define CHUTES_CRYPTO_SECRET_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"

struct secret {
	unsigned char *bytes; /* NULL while empty */
	size_t len;
};

#define auto_secret __attribute__((cleanup(secret_release))) struct secret

/* `len` zero bytes; a secret that `s` held before is released. Fails as little as xcalloc(). */
void secret_init(struct secret *s, size_t len);
/* Wipe and free; `s` is empty afterwards. Accepts `{0}`. */
void secret_release(struct secret *s);
/* Move a secret into `out`, whose own is released; `s` is empty afterwards. */
void secret_move(struct secret *s, struct secret *out);
/* Memory of this kind for a struct; zero, never NULL. */
must_use void *secret_new(size_t size);
void secret_free(void *p); /* wipes it; accepts NULL */
/* Overwrite what held a secret for a moment, in a way that the compiler keeps. */
void secret_wipe(void *p, size_t len);

/* What follows takes a time that depends on lengths, and on whether it fails, alone. */

/* Exactly `len` bytes out of twice as many hex digits. */
must_use bool secret_of_hex(struct slice digits, unsigned char *out, size_t len);
/* Nothing but pairs of hex digits? */
bool secret_is_hex(struct slice digits);
/* Base64 with padding. FAILURE. */
must_use bool secret_of_base64(struct slice digits, struct secret *out, struct error *err);
bool secret_equals(const unsigned char *a, const unsigned char *b, size_t len);

#endif
