/* SPDX-License-Identifier: MIT
 * The parts of the schema writer: what pydantic would make of field maps, from classes,
 * from annotations.
 */
#ifndef CHUTES_LOWER_SCHEMA_INTERNAL_H
#define CHUTES_LOWER_SCHEMA_INTERNAL_H

#include "lib/base/arena.h"
#include "lib/lower/schema_value.h"
#include "lib/spec/spec.h"

/* What a file is in JSON, beside the type of its text. */
#define SCHEMA_BASE64_PATTERN "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"

/* The schema of a file field's text. */
struct value *schema_of_file(struct arena *arena, const struct field_schema *field);
/* The title that pydantic gives to a field: "max_tokens" → "Max Tokens". */
struct value *schema_title(struct arena *arena, const char *name);
/* {"$ref": prefix + name} */
struct value *schema_ref(struct arena *arena, const char *prefix, const char *name);
/* {"anyOf": …} of a list as pydantic joins them: unions inside are taken apart, equal ones go. */
struct value *schema_any_of(struct arena *arena, const struct value *members);
/* "enum" or "const" of a list of values, with their type if they have one in common. */
struct value *schema_literal(struct arena *arena, const struct value *values);
/* The form in which the schema of a request body is listed: `definitions` holds `name`. */
struct value *schema_described(struct arena *arena, const char *name, struct value *definitions);
/* `definitions` gets the classes of a field map, the outer one called `name`. */
void schema_of_fields(struct arena *arena, const char *name, const struct field_schemas *fields,
		      struct value *definitions);

#endif
