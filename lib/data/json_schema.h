/* SPDX-License-Identifier: MIT
 * Does a JSON value fit a JSON Schema (draft 2020-12)? Every keyword that asserts or applies;
 * `$ref` within the document only. `format` asserts nothing, as the draft says.
 */
#ifndef CHUTES_DATA_JSON_SCHEMA_H
#define CHUTES_DATA_JSON_SCHEMA_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/data/json.h"

/* Borrowed arguments. SPEC: the schema itself makes no sense or is too much work. `fits`; where it
 * does not, `where` (may be NULL) gets "/a/0/b" and why: "/n: 5 is more than 3". */
must_use bool json_schema_check(const struct json *schema, const struct json *value, bool *fits,
				struct text *where, struct error *err);

#endif
