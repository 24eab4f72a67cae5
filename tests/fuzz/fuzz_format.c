/* SPDX-License-Identifier: MIT
 * The formatter: what it takes means the same afterwards, which it checks itself, and formatting
 * twice is formatting once.
 */
#include "lib/data/yaml_format.h"
#include "lib/spec/spec.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool format(const char *text, size_t len, struct text *out)
{
	auto_arena arena = {0};
	auto_findings f = {0};
	struct yaml_source source = yaml_source_new("chute.yaml", text, len, &arena);
	struct error err;

	return yaml_format(&source, spec_key_rank, out, &f, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_text once = {0};
	auto_text twice = {0};

	if (!format((const char *)data, size, &once))
		return 0;
	bool is_good = format(text_str(&once), once.len, &twice);

	assert(is_good && strcmp(text_str(&once), text_str(&twice)) == 0);
	return 0;
}
