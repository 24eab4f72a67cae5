/* SPDX-License-Identifier: MIT
 * Chutes of the platform's own templates: a module that calls the SDK's builder, and what that
 * builder registers, as recorded from SDK 0.6.9 (lib/sdk/chutes/chute/template/). A test loads the
 * module under that SDK and compares.
 */
#ifndef CHUTES_LOWER_TEMPLATE_H
#define CHUTES_LOWER_TEMPLATE_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/text.h"
#include "lib/lower/codegen.h"
#include "lib/spec/spec.h"

/* What the template says of itself in a request: "vllm", also for sglang; "embedding" … */
const char *template_standard(enum spec_template_kind kind);
/* The commit of the model in a request: NULL where the SDK's builder does not tell it. */
const char *template_revision(const struct spec_template *template);

/* Append the module; its Chute is `chute`. `spec` is in SPEC_TEMPLATE mode and checked. SPEC: the
 * revision of a language model is missing, a JSON value cannot be written as Python. */
must_use bool template_add_code(const struct spec *spec, const struct codegen_names *names,
				struct text *out, struct error *err);
/* Append the `cords` of a request: one line of JSON, an array. */
void template_add_cords(const struct spec *spec, struct text *out);

#endif
