/* SPDX-License-Identifier: MIT
 * Prints the generated module of a spec: `module SPEC`. For the tests that load it.
 */
#include "lib/lower/lower.h"

#include <stdio.h>

static bool print_module(const char *file, struct error *err)
{
	static const struct lower_names names = {"0", "me", "tag"};
	auto_spec spec = {0};
	auto_findings findings = {0};
	auto_lowered_code lowered = {0};
	bool ok = spec_load(&(struct spec_options){.file = file}, &spec, &findings, err);

	for (size_t i = 0; i < findings.n; i++)
		fprintf(stderr, "%s:%zu: %s %s\n", file, findings.items[i].line,
			findings.items[i].row->code, findings.items[i].message);
	if (!ok || !lower_code(&spec, &names, &lowered, err))
		return false;
	fwrite(text_str(&lowered.code), 1, lowered.code.len, stdout);
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
