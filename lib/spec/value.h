/* SPDX-License-Identifier: MIT
 * Do values fit the input fields of a cord? The same answers that the running chute gives. Must not
 * know where the values come from: a spec, or a request.
 */
#ifndef CHUTES_SPEC_VALUE_H
#define CHUTES_SPEC_VALUE_H

#include "lib/base/compiler.h"
#include "lib/data/json.h"
#include "lib/spec/spec.h"

struct value_rules {
	/* The running chute ignores fields that it does not know; in a spec they are mistakes. */
	bool refuses_unknown;
	/* Each thing that is wrong: "'name' must be at least 1" without the name. May be NULL. */
	void (*on_misfit)(void *context, const char *name, const char *problem);
	void *context;
};

/* An object against a field map; true when nothing is wrong. A document of very many values is
 * looked at as far as a bound goes. */
bool value_fits_fields(const struct json *object, const struct field_schemas *fields,
		       const struct value_rules *rules);
/* Any value against one field. `name` stands for it in what is told. */
bool value_fits_field(const struct json *value, const struct field_schema *field, const char *name,
		      const struct value_rules *rules);

/* NULL: none of that name. */
const struct field_schema *spec_find_field(const struct field_schemas *fields, const char *name);

#endif
