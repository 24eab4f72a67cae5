/* SPDX-License-Identifier: MIT
 * The documents that Python writes about a module, which may have had a hand in them: whatever they
 * say, what comes of it is YAML, and no file lies outside of the spec's directory.
 */
#include "lib/data/json.h"
#include "lib/data/yaml.h"
#include "lib/import/import_internal.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct import_result *r)
{
	auto_findings f = {0};
	auto_arena arena = {0};
	struct yaml_source source =
		yaml_source_new("chute.yaml", text_str(&r->yaml), r->yaml.len, &arena);
	const struct yaml_node *root = yaml_parse(&source, &arena, &f);

	/* a key twice, too many levels: what the module says may be wrong, but never out of shape
	 */
	for (size_t i = 0; i < f.n; i++)
		assert(strcmp(f.items[i].row->code, "E101") != 0);
	assert(root || f.n > 0);
	for (size_t i = 0; i < r->n_files; i++) {
		assert(r->files[i].name[0] != '/' && !strstr(r->files[i].name, ".."));
		assert(strchr(r->files[i].name, '/') == NULL ||
		       text_starts_with(r->files[i].name, "schemas/"));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const modes[] = {"read only", "with a record"};
	struct json *document = NULL;
	struct error err;

	if (!json_parse(data, size, size, &document, &err))
		return 0;
	for (size_t i = 0; i < array_len(modes); i++) {
		struct import_options o = {.file = "module.py", .allows_loss = i == 1};
		auto_import_result result = {0};

		if (import_convert(&o, document, i == 1 ? document : NULL, &result, &err) &&
		    !result.needs_execution)
			check(&result);
	}
	json_free(document);
	return 0;
}
