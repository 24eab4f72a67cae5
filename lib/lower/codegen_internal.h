/* SPDX-License-Identifier: MIT
 * The parts of the code generator: Python literals, classes of input fields, the head of a module.
 */
#ifndef CHUTES_LOWER_CODEGEN_INTERNAL_H
#define CHUTES_LOWER_CODEGEN_INTERNAL_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/text.h"
#include "lib/lower/codegen.h"
#include "lib/spec/spec.h"

/* JSON text as a Python expression of the same value. `what` names it in an error (SPEC). */
must_use bool python_add_json(struct text *out, const char *json, const char *what,
			      struct error *err);
/* The shortest digits that read back as the same number, and always as a float. */
void python_add_real(struct text *out, double value);
/* The name of an input field as an attribute of a pydantic model: "class" → "class_". Equal to
 * `name` wherever that is possible. */
void python_add_attribute(struct text *out, const char *name);

/* The line that says where a module comes from. */
void codegen_add_banner(struct text *out, const struct spec *spec,
			const struct codegen_names *names);
/* One line that sets the spec's `env` before the author's first statement runs. */
void codegen_add_env(struct text *out, const struct field_pairs *env);
/* "NodeSelector(…)". */
void codegen_add_selector(struct text *out, const struct spec_node_selector *selector);

/* Classes for a map of input fields, each indented by four blanks, the last one called `name`. The
 * classes of objects inside have a number behind `name`. */
must_use bool codegen_classes(struct text *out, const char *name,
			      const struct field_schemas *fields, struct error *err);

#endif
