/* SPDX-License-Identifier: MIT */
#include "lib/build/key.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void key_release(struct key *k) { text_release(&k->fields); }

void key_begin(struct key *k, const char *kind)
{
	text_clear(&k->fields);
	key_text(k, "chutes-step", "1");
	key_text(k, "kind", kind);
}

void key_bytes(struct key *k, const char *name, const void *bytes, size_t len)
{
	text_addf(&k->fields, "%s=%zu:", name, len);
	text_add_bytes(&k->fields, bytes, len);
	text_add_char(&k->fields, '\n');
}

void key_text(struct key *k, const char *name, const char *value)
{
	key_bytes(k, name, value ? value : "", value ? strlen(value) : 0);
}

void key_number(struct key *k, const char *name, int64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRId64, value);
	key_text(k, name, digits);
}

void key_list(struct key *k, const char *name, char *const *items, size_t n)
{
	key_number(k, name, (int64_t)n);
	for (size_t i = 0; i < n; i++)
		key_text(k, name, items[i]);
}

void key_hex(const struct key *k, char out[KEY_HEX_SIZE])
{
	unsigned char hash[SHA256_BYTES];

	sha256_of(text_str(&k->fields), k->fields.len, hash);
	sha256_hex(hash, out);
}
