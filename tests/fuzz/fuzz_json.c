/* SPDX-License-Identifier: MIT
 * The JSON reader: what it takes is written canonically, and that text reads as itself.
 */
#include "lib/data/json.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_json struct json *first = NULL;
	auto_json struct json *second = NULL;
	auto_text once = {0};
	auto_text twice = {0};
	struct error err;

	if (!json_parse(data, size, 1 << 20, &first, &err))
		return 0;
	json_write(first, &once);
	assert(json_parse(text_str(&once), once.len, SIZE_MAX, &second, &err));
	json_write(second, &twice);
	assert(strcmp(text_str(&once), text_str(&twice)) == 0);
	return 0;
}
