/* SPDX-License-Identifier: MIT
 * Phrases: what is taken is written again with one blank between the words, and that reads as the
 * same bytes.
 */
#include "lib/crypto/mnemonic.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_secret entropy = {0};
	auto_secret words = {0};
	auto_secret again = {0};
	struct error err;

	if (!mnemonic_parse((const char *)data, size, &entropy, &err))
		return 0;
	mnemonic_format(&entropy, &words);
	assert(words.len <= size + 1);
	assert(mnemonic_parse((const char *)words.bytes, words.len - 1, &again, &err));
	assert(again.len == entropy.len && memcmp(again.bytes, entropy.bytes, again.len) == 0);
	return 0;
}
