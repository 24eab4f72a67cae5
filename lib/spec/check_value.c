/* SPDX-License-Identifier: MIT
 * Values that the spec itself holds, such as examples and defaults: do they fit the input fields?
 */
#include "lib/spec/spec_internal.h"
#include "lib/spec/value.h"

#include "lib/data/json.h"

#include <string.h>

struct value_place {
	struct spec_checker *c;
	const char *what; /* "example" */
	struct place place;
};

static void add_finding(void *context, const char *name, const char *problem)
{
	const struct value_place *at = context;

	field_finding(&at->c->reader, "E206", at->place, "%s: '%s' %s", at->what, name, problem);
}

/* JSON that the reader has written; NULL when our own limits refuse it. */
static struct json *parse(const char *text)
{
	struct json *json = NULL;
	struct error ignored; /* such as a document deeper than replies may be */

	return json_parse(text, strlen(text), YAML_MAX_BYTES, &json, &ignored) ? json : NULL;
}

void spec_check_value(struct spec_checker *c, const struct field_schemas *schemas,
		      const char *json_text, struct place place, const char *what)
{
	struct value_place at = {c, what, place};
	const struct value_rules rules = {true, add_finding, &at};
	auto_json struct json *json = parse(json_text);

	if (!json)
		return;
	if (json_kind(json) == JSON_KIND_OBJECT)
		value_fits_fields(json, schemas, &rules);
	else
		field_finding(&c->reader, "E206", place, "%s: the input must be a mapping, not %s",
			      what, json_kind_name(json_kind(json)));
}

void spec_check_field_value(struct spec_checker *c, const struct field_schema *schema,
			    const char *json_text, struct place place, const char *what)
{
	struct value_place at = {c, what, place};
	const struct value_rules rules = {true, add_finding, &at};
	auto_json struct json *json = parse(json_text);

	if (json)
		value_fits_field(json, schema, schema->name ? schema->name : "items", &rules);
}
