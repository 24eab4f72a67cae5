/* SPDX-License-Identifier: MIT
 * A chute written for the platform's Python SDK becomes a chute.yaml. Reading needs no Python; what
 * cannot be known by reading is recorded by running the file in a sandboxed process, only where the
 * caller says so.
 */
#ifndef CHUTES_IMPORT_IMPORT_H
#define CHUTES_IMPORT_IMPORT_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/findings.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"

enum import_mode { IMPORT_AUTO, IMPORT_TEMPLATE, IMPORT_HANDLERS, IMPORT_PYTHON };

struct import_options {
	const char *file;   /* "llama1b.py" */
	const char *object; /* NULL: the only chute in it */
	enum import_mode mode;
	bool may_execute;          /* the recording pass */
	bool allows_loss;          /* a round trip that differs is a warning */
	uint64_t timeout_ms;       /* of the recording; 0: 60 s */
	const char *python;        /* NULL: CHUTES_PYTHON, python3 */
	const struct strings *env; /* for the recording, "NAME=value" */
};
/* A file that the spec names, beside it. */
struct import_file {
	char *name; /* "app.py", "schemas/generate_input.json" */
	char *text;
};
struct import_result {
	struct text yaml;          /* with comments for every repair and loss */
	enum import_mode mode;     /* what was chosen */
	char *module_name;         /* the file that the mode names, "app.py"; NULL: none */
	struct import_file *files; /* to be written; not those that are there already */
	size_t n_files;
	struct findings findings;
	bool needs_execution;   /* reading was not enough, and `may_execute` is not set */
	struct strings unknown; /* then: what could not be known, a sentence each */
};
void import_result_release(struct import_result *r);
#define auto_import_result __attribute__((cleanup(import_result_release))) struct import_result
/* SPEC: not a chute, or one that cannot be said in YAML, with the reason; MISSING: no Python;
 * TIMEOUT; nothing is written. */
must_use bool import_chute(const struct import_options *o, struct import_result *out,
			   struct error *err);

#endif
