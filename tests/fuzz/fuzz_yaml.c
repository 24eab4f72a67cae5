/* SPDX-License-Identifier: MIT
 * The YAML reader: any bytes end in a tree or in findings. A tree without findings is JSON that our
 * own reader takes.
 */
#include "lib/data/json.h"
#include "lib/data/yaml.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena arena = {0};
	auto_findings f = {0};
	auto_text text = {0};
	auto_json struct json *json = NULL;
	struct error err;
	struct yaml_source source = yaml_source_new("fuzz.yaml", (const char *)data, size, &arena);
	const struct yaml_node *root = yaml_parse(&source, &arena, &f);

	assert(root || f.n > 0);
	if (!root || f.n > 0)
		return 0;
	if (!yaml_write_json(root, &source, &text, &f)) {
		assert(f.n > 0);
		return 0;
	}
	/* an alias may stand for much more text than there is */
	assert(json_parse(text_str(&text), text.len, SIZE_MAX, &json, &err));
	return 0;
}
