/* SPDX-License-Identifier: MIT
 * Addresses: what is taken is written again as it was.
 */
#include "lib/crypto/ss58.h"

#include "lib/base/memory.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = xstrndup((const char *)data, size);
	char again[SS58_TEXT_SIZE];
	unsigned char key[SS58_KEY_BYTES];
	struct ss58 address;
	struct error err;
	bool is_address = ss58_parse(text, &address, &err);

	if (is_address) {
		assert(ss58_format(&address, again, &err));
		assert(strcmp(again, text) == 0);
	}
	if (ss58_parse_key(text, key, &err)) {
		assert(is_address && text[0] == '5' && strlen(text) == 48);
		ss58_format_key(key, again);
		assert(strcmp(again, text) == 0);
	}
	return 0;
}
