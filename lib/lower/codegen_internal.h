/* SPDX-License-Identifier: MIT
 * The parts of the code generator: Python literals, classes of input fields, and one function for
 * each thing that a module registers. All of them append lines indented by four blanks, the inside
 * of the function that builds the chute.
 */
#ifndef CHUTES_LOWER_CODEGEN_INTERNAL_H
#define CHUTES_LOWER_CODEGEN_INTERNAL_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"
#include "lib/lower/codegen.h"
#include "lib/spec/spec.h"

/* --- literals */

/* JSON text as a Python expression of the same value. `what` names it in an error (SPEC). */
must_use bool python_add_json(struct text *out, const char *json, const char *what,
			      struct error *err);
/* The shortest digits that read back as the same number, and always as a float; finite. */
void python_add_real(struct text *out, double value);
/* ["a", "b"] */
void python_add_list(struct text *out, const struct field_texts *values);
/* {"A": "b"} */
void python_add_dict(struct text *out, const struct field_pairs *pairs);
/* The name of an input field as an attribute of a pydantic model: "class" → "class_". Equal to
 * `name` wherever that is possible. */
void python_add_attribute(struct text *out, const char *name);

/* --- arguments of a call, one a line, indented by eight blanks: "key=value," */

void argument_text(struct text *out, const char *key, const char *value);
void argument_bool(struct text *out, const char *key, bool value);
void argument_integer(struct text *out, const char *key, int64_t value);
/* "**{name: value}," for each: names that need not be identifiers of Python. */
must_use bool argument_values(struct text *out, const struct field_values *values,
			      struct error *err);

/* --- imports */

/* Add the imports at the head of Python code, a line each, a blank line between those of Python's
 * own modules and others. Returns where the rest begins. */
const char *codegen_read_imports(struct strings *imports, const char *at, const char *end);
/* One block of those that `code` uses. Sorts the list. */
void codegen_add_imports(struct text *out, struct strings *imports, const char *code);

/* --- parts of a module */

/* What says where the code comes from, the spec's hash with it: one line, not indented. */
void codegen_add_banner(struct text *out, const struct spec *spec,
			const struct codegen_names *names);
/* One line that sets the spec's `env` before the author's first statement runs; not indented. */
void codegen_add_env(struct text *out, const struct field_pairs *env);
/* "NodeSelector(…)" */
void codegen_add_selector(struct text *out, const struct spec_node_selector *selector);
must_use bool codegen_add_chute(struct text *out, const struct spec *spec,
				const struct codegen_names *names, struct error *err);
void codegen_add_hooks(struct text *out, const struct spec *spec);
void codegen_add_models(struct text *out, const struct spec_models *models);
/* The same for a module whose `chute` is there already. */
void codegen_add_fetching(struct text *out, const struct spec *spec);
void codegen_add_server(struct text *out, const struct spec_server *server);
must_use bool codegen_add_cord(struct text *out, const struct spec *spec,
			       const struct spec_cord *cord, struct error *err);
void codegen_add_job(struct text *out, const struct spec_job *job);
/* "tcp" */
const char *codegen_protocol(enum spec_protocol protocol);

/* "say_hello" and "Input" → "SayHelloInput". */
void codegen_add_class_name(struct text *out, const char *function, const char *suffix);
/* Classes for a map of input fields, each indented by four blanks, the last one called `name`. The
 * classes of objects inside have a number behind `name`. */
must_use bool codegen_classes(struct text *out, const char *name,
			      const struct field_schemas *fields, struct error *err);

/* Does the cord's body become an object of a pydantic model before its function sees it? */
static inline bool cord_is_checked(const struct spec_cord *cord)
{
	return !cord->forward.path &&
	       (cord->input.kind == INPUT_FIELDS || cord->input.kind == INPUT_MODEL);
}

#endif
