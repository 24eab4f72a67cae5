/* SPDX-License-Identifier: MIT
 * What a spec becomes on its way to a server: the Python module, the Dockerfile, the metadata of
 * its cords and jobs, the request that creates the chute. Pure: reads files of the project that
 * spec_load() has checked, sends nothing.
 *
 * Everything here is in the platform's own form (its SDK, SPEC_SDK_VERSION): a test loads the
 * module under that SDK and compares what it registers.
 */
#ifndef CHUTES_LOWER_LOWER_H
#define CHUTES_LOWER_LOWER_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/findings.h"
#include "lib/base/text.h"
#include "lib/spec/spec.h"

struct python_module;

/* What lowering says beside the spec. */
struct lower_names {
	const char *version;  /* of this program */
	const char *username; /* who owns the chute */
	const char *tag;      /* of the image, where the spec says auto */
};

/* The module that is uploaded, and what it is called. */
struct lowered_code {
	struct text code;
	char *filename; /* "app.py" */
	char *ref_str;  /* "app:chute" */
};
#define auto_lowered_code __attribute__((cleanup(lowered_code_release))) struct lowered_code
void lowered_code_release(struct lowered_code *c);

/* The image as the platform names it: "user/name:tag", or the prebuilt one. Caller frees. */
must_use char *lower_image(const struct spec *spec, const struct lower_names *names);

/* The module of any mode. SPEC: a value cannot be written as Python, or the code is longer than the
 * platform takes (150000 characters). */
must_use bool lower_code(const struct spec *spec, const struct lower_names *names,
			 struct lowered_code *out, struct error *err);

/* The Dockerfile of the image; SPEC when it is a prebuilt one. */
must_use bool lower_dockerfile(const struct spec *spec, struct text *out, struct error *err);

/* The schemas of one cord as the platform stores them, each compact JSON or empty for null. */
struct lowered_schemas {
	struct text input;
	struct text minimal_input;
	struct text output;
	struct text content_type; /* plain text; empty: null */
};
#define auto_lowered_schemas                                                                       \
	__attribute__((cleanup(lowered_schemas_release))) struct lowered_schemas
void lowered_schemas_release(struct lowered_schemas *s);
/* `module` is the file of the mode as read, or NULL. What cannot be known without running the
 * file becomes a finding (W310) and null. */
must_use bool lower_schemas(const struct spec *spec, const struct spec_cord *cord,
			    const struct python_module *module, struct lowered_schemas *out,
			    struct findings *f, struct error *err);

/* The findings of lower_schemas() for all cords of a handlers chute. A file that cannot be read has
 * none: spec_load() says so. */
void lower_check_schemas(const struct spec *spec, struct findings *f);

/* The `cords` of a request alone: one line of JSON, an array in the order of the spec. Those of a
 * template are recorded ones; a module for the SDK registers its own, which only running it tells:
 * none. */
must_use bool lower_cords(const struct spec *spec, struct text *out, struct findings *f,
			  struct error *err);

/* The body of `POST /chutes/` as compact JSON, its keys in the order of the platform's own client.
 * What is only known to the server, such as logo_id, is null. */
must_use bool lower_payload(const struct spec *spec, const struct lower_names *names,
			    const struct lowered_code *code, struct text *out, struct findings *f,
			    struct error *err);

#endif
