/* SPDX-License-Identifier: MIT
 * Secret URIs: the parts of what is taken are the text again; and the key of a seed with that path
 * can be made.
 */
#include "lib/crypto/suri.h"

#include "lib/base/memory.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char seed[] =
		"0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e";
	auto_free char *text = xstrndup((const char *)data, size);
	auto_sr25519_key struct sr25519_key *key = NULL;
	struct suri uri;
	struct error err;

	if (!suri_parse(text, &uri, &err))
		return 0;
	assert(uri.phrase.at == text && uri.path.at == text + uri.phrase.len);

	const char *end = uri.path.at + uri.path.len;

	assert(*end == '\0' || strcmp(end + 3, uri.password.at) == 0);
	/* not its own phrase: making a seed of that takes long on purpose */
	uri.phrase = (struct slice){seed, strlen(seed)};
	uri.password = (struct slice){0};
	assert(suri_key(&uri, &key, &err));
	return 0;
}
