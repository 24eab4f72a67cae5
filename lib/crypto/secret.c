/* SPDX-License-Identifier: MIT */
#include "lib/crypto/secret.h"

#include "lib/base/memory.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

void *secret_new(size_t size)
{
	int done = sodium_init(); /* does something the first time only */
	void *p = memory_check(sodium_malloc(size));

	assert(done >= 0);
	memset(p, 0, size);
	return p;
}

void secret_free(void *p) { sodium_free(p); }

void secret_wipe(void *p, size_t len) { sodium_memzero(p, len); }

void secret_init(struct secret *s, size_t len)
{
	secret_release(s);
	s->bytes = secret_new(len);
	s->len = len;
}

void secret_release(struct secret *s)
{
	secret_free(s->bytes);
	*s = (struct secret){0};
}

void secret_move(struct secret *s, struct secret *out)
{
	secret_release(out);
	*out = *s;
	*s = (struct secret){0};
}
