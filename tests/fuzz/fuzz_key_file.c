/* SPDX-License-Identifier: MIT
 * Key files: what is taken as a secret file agrees with itself, so the same bytes as a public file
 * are of the same key or say nothing; the JSON in them is JSON for the other reader, too.
 */
#include "lib/wallet/key_file.h"

#include "lib/base/memory.h"
#include "lib/data/json.h"
#include "lib/wallet/members_internal.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What json_parse() takes, within the limits here, is taken here; and its texts are the same. */
static void compare_readers(const uint8_t *data, size_t size)
{
	auto_free char *bytes = xstrndup((const char *)data, size);
	auto_json struct json *document = NULL;
	struct members m;
	struct error err;

	if (strlen(bytes) != size || !members_parse(bytes, size, &m, &err) ||
	    !json_parse(data, size, KEY_FILE_LIMIT, &document, &err))
		return;
	assert(m.n == json_count(document));
	if (json_kind(document) != JSON_KIND_OBJECT)
		return;
	void *position = NULL;
	const char *name;
	const struct json *value;

	while (json_next(document, &position, &name, &value)) {
		const struct member *member = members_find(&m, name + strspn(name, " "));

		assert(!member == (json_kind(value) == JSON_KIND_NULL));
		if (json_text(value))
			assert(slice_equals(member->value, json_text(value)));
	}
}

/* What we write of a key is read as that key. */
static void write_again(const struct wallet_key *key)
{
	auto_key_file f = {.path = xstrdup("k")};
	auto_wallet_key again = {0};
	struct error err;

	key_file_format(key, &f.bytes);
	assert(key_file_secret(&f, &again, &err));
	assert(strcmp(again.address, key->address) == 0);
	assert(again.phrase.len == key->phrase.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_key_file f = {.path = xstrdup("k")};
	auto_wallet_key secret = {0};
	auto_wallet_key public = {0};
	auto_wallet_key imported = {0};
	struct error err;

	if (size == 0 || size > KEY_FILE_LIMIT)
		return 0;
	compare_readers(data, size);
	secret_init(&f.bytes, size);
	memcpy(f.bytes.bytes, data, size);
	bool has_secret = key_file_secret(&f, &secret, &err);
	bool has_public = key_file_public(&f, &public, &err);

	if (has_secret) {
		assert(secret.key && strlen(secret.address) == 48);
		write_again(&secret);
	}
	if (has_public)
		assert(!public.key && strlen(public.address) == 48);
	/* 64 digits alone are what the name of the file says */
	if (has_secret && has_public && memchr(data, '{', size))
		assert(strcmp(secret.address, public.address) == 0);
	if (size < 200) /* without the encryption, which takes its time */
		assert(!key_file_import(&f, "", 0, &imported, &err));
	return 0;
}
