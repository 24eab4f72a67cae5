/* SPDX-License-Identifier: MIT */
#include "lib/oci/oci.h"

#include <string.h>

#define HEX "0123456789abcdef"

bool digest_parse(const char *text, struct digest *out, struct error *err)
{
	static const struct {
		const char *prefix;
		size_t n_hex;
	} kinds[] = {{"sha256:", 64}, {"sha512:", 128}};

	for (size_t i = 0; i < array_len(kinds); i++) {
		if (!text_starts_with(text, kinds[i].prefix))
			continue;
		const char *hex = text + strlen(kinds[i].prefix);

		if (strlen(hex) != kinds[i].n_hex || strspn(hex, HEX) != kinds[i].n_hex)
			return fail(
				err, ERROR_USAGE,
				"invalid digest '%.140s': %zu hex digits in lower case expected",
				text, kinds[i].n_hex);
		struct digest parsed = {0};

		memcpy(parsed.text, text, strlen(text));
		*out = parsed;
		return true;
	}
	return fail(err, ERROR_USAGE,
		    "invalid digest '%.140s': it must begin with sha256: or sha512:", text);
}

struct digest digest_of_sha256(const unsigned char hash[SHA256_BYTES])
{
	static const char prefix[] = "sha256:";
	struct digest d = {0};

	memcpy(d.text, prefix, sizeof(prefix));
	sha256_hex(hash, d.text + sizeof(prefix) - 1);
	return d;
}

struct digest digest_of(const void *bytes, size_t len)
{
	unsigned char hash[SHA256_BYTES];

	sha256_of(bytes, len, hash);
	return digest_of_sha256(hash);
}

const char *digest_hex(const struct digest *d)
{
	const char *colon = strchr(d->text, ':');

	return colon ? colon + 1 : d->text;
}

bool digest_is_set(const struct digest *d) { return d->text[0] != '\0'; }

bool digest_is_equal(const struct digest *a, const struct digest *b)
{
	return strcmp(a->text, b->text) == 0;
}

struct digest chain_id(const struct digest *below_or_null, const struct digest *diff_id)
{
	if (!below_or_null || !digest_is_set(below_or_null))
		return *diff_id;
	auto_text both = {0};

	text_addf(&both, "%s %s", below_or_null->text, diff_id->text);
	return digest_of(both.bytes, both.len);
}
