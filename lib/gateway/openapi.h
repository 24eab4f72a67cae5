/* SPDX-License-Identifier: MIT
 * The OpenAPI 3.1 document of a chute's cords, made from the schemas that the platform stores.
 */
#ifndef CHUTES_GATEWAY_OPENAPI_H
#define CHUTES_GATEWAY_OPENAPI_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/text.h"
#include "lib/gateway/cords.h"

struct value;

/* One line of JSON. */
void openapi_add(const struct spec *spec, const struct cords *cords, struct text *out);

/* --- schemas as components: openapi_schema.c */
struct openapi {
	struct arena *arena;
	struct value *components; /* by name */
	struct value *origins;    /* by the same name: the definitions that it was taken from */
};
/* A stored schema (JSON; may be NULL) as a reference to a component, or in place where it is short;
 * an empty schema where nothing is known. Names that the schema itself has not are made of
 * `fallback`. `is_input`: a body, which is stored as the only argument of a function. */
struct value *openapi_schema(struct openapi *o, const char *json, const char *fallback,
			     bool is_input);
/* The schema that a reference of openapi_schema() leads to; another schema is returned as it is. */
const struct value *openapi_resolve(const struct openapi *o, const struct value *schema);

#endif
