/* SPDX-License-Identifier: MIT
 * The whole reader of chute.yaml, and, for what it takes, the code generator
 * and the request behind it.
 */
#include "lib/data/json.h"
#include "lib/lower/codegen.h"
#include "lib/lower/lower_internal.h"
#include "lib/python/module.h"
#include "lib/spec/spec.h"

#include <assert.h>
#include <string.h>

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

/* Whatever a spec that is accepted says, its module and its request can be written. */
static void lower(const struct spec *spec)
{
	static const char source[] = "def hello(self):\n    pass\n";
	static const struct codegen_names names = {"0", "user", "user/name:tag"};
	static const struct lower_names who = {"0", "user", "tag"};
	struct lowered_code code = {.filename = (char[]){"app.py"},
				    .ref_str = (char[]){"app:chute"}};
	auto_python_module module = {0};
	auto_findings f = {0};
	auto_text user_code = {0};
	auto_text payload = {0};
	struct error err;
	bool ok = python_module_read(source, strlen(source), "app.py", &module, &err);

	assert(ok);
	text_add(&user_code, source);
	if (!codegen_module(spec, &user_code, &names, &code.code, &err) ||
	    !payload_add(&payload, spec, &who, &code, &module, &f, &err)) {
		assert(err.code == ERROR_SPEC);
	} else {
		auto_json struct json *document = NULL;

		ok = json_parse(text_str(&payload), payload.len, SIZE_MAX, &document, &err);
		assert(ok);
	}
	text_release(&code.code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_spec spec = {0};
	auto_findings f = {0};
	auto_findings buildable = {0};
	struct error err;

	read_laid(data, size);
	if (!spec_parse((const char *)data, size, &(struct spec_options){.file = "chute.yaml"},
			&spec, &f, &err)) {
		assert(findings_count(&f, SEVERITY_ERROR) > 0);
		return 0;
	}
	assert(findings_count(&f, SEVERITY_ERROR) == 0);
	spec_check_buildable(&spec, &buildable);
	lower(&spec);
	return 0;
}
