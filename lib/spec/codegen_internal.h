/* SPDX-License-Identifier: MIT
 * The parts of the code generator: Python literals, classes of input fields, the head of a module.
 */
#ifndef CHUTES_SPEC_CODEGEN_INTERNAL_H
#define CHUTES_SPEC_CODEGEN_INTERNAL_H

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
/* Length of the head of a module: comments, docstring and `from __future__` imports, up to the
 * start of the line of the first other statement. */
size_t python_head_length(const char *code, size_t len);
/* Behind the newline that ends the logical line at `p`: strings, brackets and comments in it are
 * known, so that their line breaks do not count. */
const char *python_skip_statement(const char *p, const char *end);

/* Classes for a map of input fields, each indented by four blanks, the last one called `name`. The
 * classes of objects inside have a number behind `name`. */
must_use bool codegen_classes(struct text *out, const char *name,
			      const struct field_schemas *fields, struct error *err);

#endif
