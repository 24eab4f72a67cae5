/* SPDX-License-Identifier: MIT
 * The Python module of a chute: the author's file, where the mode has one, followed by the code
 * that makes a Chute of it. Exactly this text is served locally and sent by a deployment.
 *
 * The author's bytes come first and unchanged, so that tracebacks keep their line numbers; only a
 * spec with `env` inserts one line, behind the docstring and `from __future__` imports. The
 * generated part is ASCII, whatever the file's encoding. It adds two names to the module, `chute`
 * and `_chutes_build`, and rebinds none: cords calling each other stay plain function calls. In
 * python mode nothing is added at all.
 */
#ifndef CHUTES_LOWER_CODEGEN_H
#define CHUTES_LOWER_CODEGEN_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/text.h"
#include "lib/spec/spec.h"

/* What a module says beside its spec. */
struct codegen_names {
	const char *version;  /* of this program */
	const char *username; /* who owns the chute */
	const char *image;    /* "user/name:tag"; NULL: the one of the template */
};

/* Append the module to `out`. `spec` must be checked; `user_code` is the author's file, empty in a
 * mode without one. SPEC when a JSON value in the spec cannot be expressed. */
must_use bool codegen_module(const struct spec *spec, const struct text *user_code,
			     const struct codegen_names *names, struct text *out,
			     struct error *err);

#endif
