/* SPDX-License-Identifier: MIT
 * Prints the generated module of a spec: `module SPEC`. For the tests that load it. `module SPEC
 * cords` prints what a request says of a template's cords.
 */
#include "lib/lower/lower.h"
#include "lib/lower/template.h"

#include <stdio.h>
#include <string.h>

static bool print_module(const char *file, bool only_cords, struct error *err)
{
	static const struct lower_names names = {"0", "me", "tag"};
	auto_spec spec = {0};
	auto_findings findings = {0};
	auto_lowered_code lowered = {0};
	bool ok = spec_load(&(struct spec_options){.file = file}, &spec, &findings, err);

	for (size_t i = 0; i < findings.n; i++)
		fprintf(stderr, "%s:%zu: %s %s\n", file, findings.items[i].line,
			findings.items[i].row->code, findings.items[i].message);
	if (!ok)
		return false;
	if (only_cords)
		template_add_cords(&spec, &lowered.code);
	else if (!lower_code(&spec, &names, &lowered, err))
		return false;
	fwrite(text_str(&lowered.code), 1, lowered.code.len, stdout);
	return true;
}

int main(int argc, char **argv)
{
	struct error err;

	bool is_used_well = argc == 2 || (argc == 3 && strcmp(argv[2], "cords") == 0);

	if (is_used_well && print_module(argv[1], argc == 3, &err))
		return 0;
	fprintf(stderr, "%s\n", is_used_well ? err.message : "usage: module SPEC [cords]");
	return 1;
}
