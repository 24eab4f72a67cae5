/* SPDX-License-Identifier: MIT
 * chute.yaml as a JSON Schema (draft-07), for editors and other programs. A walk over the rows that
 * read it, so it allows what the reader allows, as far as a schema can say it: rules between keys,
 * files, and what a parser of YAML no longer sees (how a number was written) are the reader's own.
 */
#ifndef CHUTES_SPEC_SCHEMA_H
#define CHUTES_SPEC_SCHEMA_H

#include "lib/base/text.h"

/* Add the schema, one JSON document that ends with a line break. */
void spec_schema_write(struct text *out);

#endif
