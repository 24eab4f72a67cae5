/* SPDX-License-Identifier: MIT
 * What the files of the JSON Schema share.
 */
#ifndef CHUTES_SPEC_SCHEMA_INTERNAL_H
#define CHUTES_SPEC_SCHEMA_INTERNAL_H

#include "lib/data/fields.h"
#include "lib/data/json_out.h"

struct schema {
	struct json_out json;
	bool is_overlay; /* of what is laid over a document: null deletes, nothing is required */
};

/* The definition of a table; of a part that is laid over one, with `is_overlay`. Caller frees. */
char *schema_definition_name(const struct field_table *table, bool is_overlay);
/* The definitions "line", "lines" and "reference", which texts refer to. */
void schema_write_texts(struct schema *s);
/* A member that is the schema of a row, with what is said about it. */
void schema_write_row(struct schema *s, const struct field *row);
/* The members of a schema that say what a row takes. */
void schema_write_value(struct schema *s, const struct field *row);

#endif
