/* SPDX-License-Identifier: MIT
 * Prints the generated module of a spec: `module SPEC`. For the tests that load it. A spec in
 * server mode is only checked.
 */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/lower/codegen.h"

#include <stdio.h>

static bool print_module(const char *file, struct error *err)
{
	static const struct codegen_names names = {"0", "me", "me/image:tag"};
	auto_spec spec = {0};
	auto_findings findings = {0};
	auto_text code = {0};
	auto_text module = {0};
	bool ok = spec_load(&(struct spec_options){.file = file}, &spec, &findings, err);

	for (size_t i = 0; i < findings.n; i++)
		fprintf(stderr, "%s:%zu: %s %s\n", file, findings.items[i].line,
			findings.items[i].row->code, findings.items[i].message);
	if (!ok || spec.mode != SPEC_HANDLERS)
		return ok;
	auto_free char *path = path_join(spec.directory, spec.handlers.file);

	if (!file_read(path, YAML_MAX_BYTES, &code, err) ||
	    !codegen_module(&spec, &code, &names, &module, err))
		return false;
	fwrite(text_str(&module), 1, module.len, stdout);
	return true;
}

int main(int argc, char **argv)
{
	struct error err;

	if (argc == 2 && print_module(argv[1], &err))
		return 0;
	fprintf(stderr, "%s\n", argc == 2 ? err.message : "usage: module SPEC");
	return 1;
}
