/* SPDX-License-Identifier: MIT
 * What our check says to many values: on standard input pairs of a schema and a value, each ended
 * by a NUL; on standard output a line for each: "yes", "no WHY", or "error WHY".
 */
#include "lib/data/json_schema.h"
#include "lib/base/memory.h"

#include <stdio.h>
#include <string.h>

enum { LIMIT = 1 << 20 };

static void answer(const char *schema_text, size_t schema_len, const char *text, size_t len)
{
	auto_json struct json *schema = NULL;
	auto_json struct json *value = NULL;
	auto_text where = {0};
	struct error err;
	bool fits = false;

	if (!json_parse(schema_text, schema_len, LIMIT, &schema, &err) ||
	    !json_parse(text, len, LIMIT, &value, &err) ||
	    !json_schema_check(schema, value, &fits, &where, &err))
		printf("error %s\n", err.message);
	else if (fits)
		printf("yes\n");
	else
		printf("no %s\n", text_str(&where));
}

int main(void)
{
	auto_free char *schema = NULL;
	auto_free char *value = NULL;
	size_t schema_size = 0;
	size_t value_size = 0;

	for (;;) {
		ssize_t schema_len = getdelim(&schema, &schema_size, '\0', stdin);
		ssize_t len = schema_len > 0 ? getdelim(&value, &value_size, '\0', stdin) : -1;

		if (len <= 0)
			return 0;
		answer(schema, (size_t)schema_len - 1, value, (size_t)len - 1);
	}
}
