/* SPDX-License-Identifier: MIT
 * The parts of the code generator: Python literals, classes of input fields, the head of a module.
 */
#ifndef CHUTES_LOWER_CODEGEN_INTERNAL_H
#define CHUTES_LOWER_CODEGEN_INTERNAL_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/text.h"
#include "lib/spec/spec.h"

/* JSON text as a Python expression of the same value. `what` names it in an error (SPEC). */
must_use bool python_add_json(struct text *out, const char *json, const char *what,
			      struct error *err);
/* The name of an input field as an attribute of a pydantic model: "class" → "class_". Equal to
 * `name` wherever that is possible. */
void python_add_attribute(struct text *out, const char *name);

/* Classes for a map of input fields, each indented by four blanks, the last one called `name`. The
 * classes of objects inside have a number behind `name`. */
must_use bool codegen_classes(struct text *out, const char *name,
			      const struct field_schemas *fields, struct error *err);

#endif
