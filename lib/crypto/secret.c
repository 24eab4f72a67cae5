/* SPDX-License-Identifier: MIT */
#include "lib/crypto/secret.h"

#include "lib/base/base64.h"
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

bool secret_of_hex(struct slice digits, unsigned char *out, size_t len)
{
	return digits.len == 2 * len &&
	       sodium_hex2bin(out, len, digits.at, digits.len, NULL, NULL, NULL) == 0;
}

bool secret_is_hex(struct slice digits)
{
	auto_secret ignored = {0};

	secret_init(&ignored, digits.len / 2);
	return secret_of_hex(digits, ignored.bytes, ignored.len);
}

bool secret_of_base64(struct slice digits, struct secret *out, struct error *err)
{
	auto_secret decoded = {0};
	auto_secret bytes = {0};
	size_t len = 0;

	secret_init(&decoded, BASE64_MAX_BYTES(digits.len));
	if (!base64_decode(digits.at, digits.len, decoded.bytes, &len))
		return fail(err, ERROR_FAILURE, "not base64");
	secret_init(&bytes, len);
	memcpy(bytes.bytes, decoded.bytes, len);
	secret_move(&bytes, out);
	return true;
}

bool secret_equals(const unsigned char *a, const unsigned char *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}
