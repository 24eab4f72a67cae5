/* SPDX-License-Identifier: MIT
 * What a request says to its cord, and whether the cord takes it: the answers of the platform,
 * whose 400 tells nothing, and the reasons for people. Must not know connections.
 */
#ifndef CHUTES_GATEWAY_INPUT_H
#define CHUTES_GATEWAY_INPUT_H

#include "lib/base/compiler.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/spec/spec.h"

enum { INPUT_MAX_BYTES = 256 * 1024 * 1024 }; /* of a body that is looked into: 413 beyond */

/* Why an input was refused: a list of {"field": name or null, "problem": text} as JSON, without its
 * brackets. `{0}` is none yet. */
struct input_problems {
	struct text json;
	size_t n; /* told; what is beyond INPUT_PROBLEMS_MAX is left out */
};
enum { INPUT_PROBLEMS_MAX = 20 };
void input_problems_add(struct input_problems *p, const char *field, const char *problem);
void input_problems_release(struct input_problems *p);
#define auto_input_problems __attribute__((cleanup(input_problems_release))) struct input_problems

/* The value of a JSON body. As on the platform everything empty, such as no body, null, [] and "",
 * is the empty object. */
must_use bool input_of_body(const void *bytes, size_t len, struct json **out,
			    struct input_problems *why);
/* The same from a raw query: an object. Values are texts, but for fields of `fields` (may be NULL)
 * that have another type and whose text is JSON. A name that is given several times makes a list
 * where the field is one; else the last counts. */
must_use bool input_of_query(const char *query, const struct field_schemas *fields,
			     struct json **out, struct input_problems *why);
must_use bool input_fits(const struct json *input, const struct field_schemas *fields,
			 struct input_problems *why);
/* `stream` of a body (may be NULL) or else of a raw query: is it true? */
bool input_wants_stream(const struct json *body, const char *query);

/* {"detail":"Invalid input parameters"}, with the reasons where `explains`. */
void input_add_refusal(struct text *out, const struct input_problems *why, bool explains);

#endif
