/* SPDX-License-Identifier: MIT
 * chutes schema: the JSON Schema of chute.yaml.
 */
#include "lib/spec/schema.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "lib/base/io.h"

struct schema_options {
	const char *output;
	bool lists;
};
static const struct option_row rows[] = {
	OPT('o', "output", TEXT, schema_options, output, "FILE", "write it to FILE"),
	OPT(0, "list", FLAG, schema_options, lists, NULL, "say which schemas there are"), OPT_END};

static const char name[] = "chute.v1.json";

static bool list(void)
{
	auto_table table = {0};

	if (print_result()) {
		json_out_array(print_result(), "schemas");
		json_out_text(print_result(), NULL, name);
		json_out_array_end(print_result());
		return true;
	}
	table_begin(&table, "NAME|DRAFT|DESCRIBES");
	table_add(&table, "%s", name);
	table_add(&table, "draft-07");
	table_add(&table, "chute.yaml, version 1");
	print_table(&table);
	return true;
}

static bool run(struct call *call, struct error *err)
{
	const struct schema_options *o = call->options;
	auto_text schema = {0};

	if (o->lists)
		return list();
	spec_schema_write(&schema);
	if (o->output && !file_save(o->output, text_str(&schema), schema.len, 0644, err))
		return false;
	if (o->output && print_result())
		json_out_text(print_result(), "file", o->output);
	else if (print_result())
		json_out_raw(print_result(), "schema", text_str(&schema));
	else if (!o->output)
		print_bytes(text_str(&schema), schema.len);
	return true;
}

const struct command command_schema = {
	.name = "schema",
	.summary = "print the JSON Schema of chute.yaml",
	.about = "Prints a JSON Schema (draft-07) of chute.yaml, made from the rows that read\n"
		 "the spec. An editor with a YAML language server completes and checks keys by\n"
		 "it when the first line of the spec is\n"
		 "  # yaml-language-server: $schema=.chutes/chute.v1.json\n"
		 "\n"
		 "It says less than 'chutes validate', which also looks at rules between keys\n"
		 "and at files.",
	.options = rows,
	.options_size = sizeof(struct schema_options),
	.examples = {"chutes schema -o .chutes/chute.v1.json",
		     "chutes schema | jq '.properties | keys'"},
	.exits = {ERROR_AUTH, ERROR_NOT_FOUND},
	.see_also = {"validate", "help"},
	.group = GROUP_START,
	.run = run,
};
