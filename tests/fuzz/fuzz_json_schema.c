/* SPDX-License-Identifier: MIT
 * A schema and a value from strangers: the check ends, and where a value does not fit, it says why.
 * The first line of the input is the schema, the rest the value.
 */
#include "lib/data/json_schema.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line = memchr(data, '\n', size);
	auto_json struct json *schema = NULL;
	auto_json struct json *value = NULL;
	auto_text where = {0};
	struct error err;
	bool fits = false;

	if (!line || !json_parse(data, (size_t)(line - data), 1 << 16, &schema, &err) ||
	    !json_parse(line + 1, size - (size_t)(line + 1 - data), 1 << 16, &value, &err))
		return 0;
	if (json_schema_check(schema, value, &fits, &where, &err))
		assert(fits == (where.len == 0));
	return 0;
}
