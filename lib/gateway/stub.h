/* SPDX-License-Identifier: MIT
 * Answers without a chute, for machines that cannot run it: each is made from what the cord says of
 * its answer, always the same, in the form of OpenAI's API where the route is one of it. Marked by
 * the header X-Chutes-Stub, so that nobody takes it for the chute's own.
 */
#ifndef CHUTES_GATEWAY_STUB_H
#define CHUTES_GATEWAY_STUB_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"
#include "lib/gateway/cords.h"
#include "lib/gateway/input.h"

struct reply;

/* Nobody else looks at the input: it is held against whatever the cord says of it. */
must_use bool stub_input_fits(const struct cord *cord, const struct json *input,
			      struct input_problems *why);
must_use bool stub_answer(const struct spec *spec, const struct cord *cord,
			  const struct json *input, struct reply *reply, int *status,
			  struct error *err);

/* --- stub_openai.c */
/* One answer of OpenAI's API, or its events; false: the route is none of it. */
bool stub_add_openai(const struct spec *spec, const struct cord *cord, const struct json *input,
		     struct text *out);

/* --- stub_value.c */
/* JSON that fits the schema of the cord's answer as far as its keywords are common. */
void stub_add_value(const struct cord *cord, const struct json *input, struct text *out);

/* --- stub_media.c */
/* A small picture or a moment of silence; false: the type is neither. `out` is static memory, or
 * `made`. */
bool stub_media(const char *content_type, struct text *made, struct slice *out);

#endif
