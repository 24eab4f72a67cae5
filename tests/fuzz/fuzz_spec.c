/* SPDX-License-Identifier: MIT
 * The whole reader of chute.yaml, and, for what it takes, the code generator behind it.
 */
#include "lib/lower/codegen.h"
#include "lib/spec/spec.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* With the overlay a: what is said of it when it is not chosen is another matter. */
static void read_laid(const uint8_t *data, size_t size)
{
	const struct spec_options o = {.file = "chute.yaml", .overlay = "a"};
	auto_spec spec = {0};
	auto_findings f = {0};
	struct error err;

	if (!spec_parse((const char *)data, size, &o, &spec, &f, &err))
		assert(findings_count(&f, SEVERITY_ERROR) > 0 || err.code == ERROR_USAGE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct codegen_names names = {
		.version = "0", .username = "user", .image = "user/name:tag"};
	auto_spec spec = {0};
	auto_findings f = {0};
	auto_findings buildable = {0};
	auto_text code = {0};
	auto_text module = {0};
	struct error err;

	read_laid(data, size);
	if (!spec_parse((const char *)data, size, &(struct spec_options){.file = "chute.yaml"},
			&spec, &f, &err)) {
		assert(findings_count(&f, SEVERITY_ERROR) > 0);
		return 0;
	}
	assert(findings_count(&f, SEVERITY_ERROR) == 0);
	spec_check_buildable(&spec, &buildable);
	text_add(&code, "def hello(self):\n    pass\n");
	if (spec.mode == SPEC_HANDLERS && !codegen_module(&spec, &code, &names, &module, &err))
		assert(err.code == ERROR_SPEC);
	return 0;
}
