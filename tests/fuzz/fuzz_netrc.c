/* SPDX-License-Identifier: MIT
 * netrc files: a password that is found stands in the text behind its host, is the first one, and
 * is nobody else's.
 */
#include "lib/platform/credentials.h"

#include "lib/base/memory.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = xstrndup((const char *)data, size);
	auto_free char *longer = xprintf("%s\nmachine h password other", text);
	auto_free char *key = NULL;
	auto_free char *same = NULL;
	auto_free char *none = NULL;
	struct error err;

	if (netrc_find_in("n", text, "h", &key, &err) == 1) {
		assert(strstr(text, "machine") && strstr(text, "password"));
		assert(strlen(key) < strlen(text));
		/* an open quote goes on */
		if (!strchr(text, '"')) {
			assert(netrc_find_in("n", longer, "h", &same, &err) == 1);
			assert(strstr(text, key) && strcmp(same, key) == 0);
		}
	}
	/* no word holds a blank, and a quoted one no line of its own */
	if (!strchr(text, '"'))
		assert(netrc_find_in("n", text, "a host", &none, &err) != 1);
	return 0;
}
