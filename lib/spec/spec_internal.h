/* SPDX-License-Identifier: MIT
 * What the files of the spec reader share.
 */
#ifndef CHUTES_SPEC_SPEC_INTERNAL_H
#define CHUTES_SPEC_SPEC_INTERNAL_H

#include "lib/python/module.h"
#include "lib/spec/gpus.h"
#include "lib/spec/spec.h"
#include "lib/spec/value.h"

#define SPEC_PATTERN_VARIABLE "^[A-Za-z_][A-Za-z0-9_]*$"
#define SPEC_FORM_VARIABLE    "letters, digits and '_', not starting with a digit"
#define SPEC_PATTERN_CLASS    "^[A-Z][A-Za-z0-9_]*$"
#define SPEC_FORM_CLASS       "letters, digits and '_', starting with a capital"
#define SPEC_PATTERN_ROUTE    "^(/[a-z][a-z0-9_-]*)+$"
#define SPEC_PATTERN_PATH     "^(/[a-z][a-z0-9_]*)+$"
#define SPEC_PATTERN_FUNCTION "^[a-z_][A-Za-z0-9_]*$"
#define SPEC_FORM_FUNCTION    "letters, digits and '_', starting with a lower-case letter or '_'"
#define SPEC_PATTERN_HEADER   "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"
#define SPEC_FORM_HEADER      "a header name"
#define SPEC_PATTERN_REVISION "^[0-9a-f]{40}$"
#define SPEC_FORM_REVISION    "a commit: 40 hex digits"
#define SPEC_PATTERN_FLAG     "^[A-Za-z0-9][A-Za-z0-9_.-]*$"
/* What Hugging Face calls a repository: "gpt2", "org/model". */
#define SPEC_PATTERN_MODEL "^([A-Za-z0-9_][A-Za-z0-9_.-]*/)?[A-Za-z0-9_][A-Za-z0-9_.-]*$"
#define SPEC_FORM_MODEL    "the name of a Hugging Face repository, such as org/model"

#define SPEC_PATTERN_APT                                                                           \
	"^[a-z0-9][a-z0-9+.-]*[a-z0-9+.](:[a-z0-9-]+)?(=[A-Za-z0-9.+~:-]+|/[a-z0-9.-]+)?$"
#define SPEC_FORM_APT "a Debian package, such as git or git=1:2.39.5-0+deb12u2"

enum {
	SPEC_OVERLAYS_MAX = 20,
	SPEC_README_MAX_CHARACTERS = 16384,
	SPEC_CODE_MAX_CHARACTERS = 150000,
	SPEC_DOCKERFILE_MAX_CHARACTERS = 262144, /* our limit */
	SPEC_LOGO_MAX_BYTES = 2 * 1024 * 1024,
	SPEC_SSH_PORT = 2202, /* of the runtime, for jobs with ssh */
};

/* The rows of a chute.yaml. */
extern const struct field_table spec_table;
extern const struct field_table spec_handlers_table;
extern const struct field_table spec_server_table;
extern const struct field_table spec_template_table;
extern const struct field_table spec_python_table;
extern const struct field_table spec_model_table;
extern const struct field_table spec_job_table;
extern const struct field_table spec_image_table;
extern const struct field_table spec_step_table;
extern const struct field_table spec_cord_table;
extern const struct field_table spec_test_table;
extern const struct field_table spec_document_table;
/* One typed field of an input, an argument of a job. */
extern const struct field_table spec_schema_table;

/* `template.engine_args`, by its forms: a list of words, one text, a mapping of flags. */
bool spec_read_engine_args(struct field_reader *r, const struct field *row,
			   const struct yaml_node *node, void *slot);

/* What a cord takes: the forms of a FIELD_CUSTOM row, by enum spec_input_kind, and its reader. */
enum { SPEC_INPUT_FORMS = 3 };
extern const struct field spec_input_forms[SPEC_INPUT_FORMS];
bool spec_read_input(struct field_reader *r, const struct field *row, const struct yaml_node *node,
		     void *slot);

/* What a check needs. `reader.findings` gets the findings. */
struct spec_checker {
	struct spec *spec;
	struct field_reader reader;
	const struct gpu_table *gpus;
	char *shipped_handlers; /* absolute; NULL: handlers.file is the author's */
};

/* `gpus` NULL: the table built in. */
struct spec_checker spec_checker_new(struct spec *spec, struct findings *f,
				     const struct gpu_table *gpus);
/* Fill the spec from its root, and apply every rule that needs no look at files. */
void spec_read_document(struct spec_checker *c);
/* Lay one of `environments` over the document: the root becomes another. USAGE: no such overlay. */
must_use bool spec_lay_over(struct spec_checker *c, const char *name, struct error *err);
/* The key `environments`. */
bool spec_read_environments(struct field_reader *r, const struct field *row,
			    const struct yaml_node *node, void *slot);
/* What is wrong with the overlays: each is laid over the document as it was written. */
void spec_check_overlays(struct spec_checker *c, const struct yaml_node *document, bool with_files);
/* A document that stands for what the program brings along; another one is returned as it is. */
const struct yaml_node *spec_lay_audio(struct spec_checker *c, const struct yaml_node *root);
/* Derive what depends on other values: routes, defaults that follow another field. */
void spec_complete(struct spec *spec);
/* Is it one of the keys of which a chute has one: "template", "handlers", "server", "python"? */
bool spec_is_mode_key(const char *key);
/* All of them, NULL behind the last. */
extern const char *const spec_mode_keys[];
/* The mode, and the defaults that follow from it. */
void spec_complete_mode(struct spec *spec);
/* Rules between fields, without a look at files. */
void spec_check_mode(struct spec_checker *c);
void spec_check_template(struct spec_checker *c);
void spec_check_jobs(struct spec_checker *c);
void spec_check_fields(struct spec_checker *c);
void spec_check_image(struct spec_checker *c);
void spec_check_raw(struct spec_checker *c, const struct spec_step *step);
/* The text of image.dockerfile. */
void spec_check_dockerfile(struct spec_checker *c, const char *text, size_t len);
bool spec_is_root(const char *user); /* "root", "0:0" */
/* Is the base one that the hosted platform builds on? */
bool spec_is_platform_base(const char *reference);
#define SPEC_HINT_PLATFORM_BASE                                                                    \
	"it takes images of parachutes/ only, such as parachutes/python:3.12"
void spec_check_selector(struct spec_checker *c);
void spec_check_cords(struct spec_checker *c);
void spec_check_secrets(struct spec_checker *c);
void spec_check_input(struct spec_checker *c, const struct spec_cord *cord);
/* A JSON Schema as far as a look at its keywords tells. SPEC: which one is wrong. */
struct json;
must_use bool spec_check_json_schema(const struct json *schema, struct error *err);
/* Do a cord's input fields make sense, and do these values fit them? */
void spec_check_schemas(struct spec_checker *c, const struct field_schemas *schemas);
void spec_check_value(struct spec_checker *c, const struct field_schemas *schemas,
		      const char *json_text, struct place place, const char *what);
/* The platform counts in seconds: a time with a part of one would be cut. */
void spec_check_whole_seconds(struct spec_checker *c, const struct yaml_node *node, const char *key,
			      uint64_t ms);
/* Names of values that a library takes: those that it does not know would fail at run time. */
void spec_check_known(struct spec_checker *c, const struct field_values *values, const char *where,
		      const char *const *known, const char *hint);
/* The same for one field. */
void spec_check_field_value(struct spec_checker *c, const struct field_schema *schema,
			    const char *json_text, struct place place, const char *what);
/* Why the runtime would not take a regular expression ("ends with a backslash"); NULL: it does, or
 * is trusted to. */
const char *spec_pattern_problem(const char *text);
/* false only if the value surely does not match. */
bool spec_pattern_fits(const char *text, const char *value);
/* Rules about the files that the spec names. */
void spec_check_project(struct spec_checker *c);
/* The author's Python file. */
struct spec_code {
	const char *file;      /* as the spec names it */
	const char *directory; /* where it lies, resolved */
	const char *root;      /* of the context, resolved; NULL: there is none */
	struct yaml_source source;
	struct python_module module;
};
/* Read it and apply every rule about it: `handlers` and `python` mode. */
void spec_check_python(struct spec_checker *c, struct spec_code *code);
/* Does the image have what it imports, as far as that can be known? */
void spec_check_imports(struct spec_checker *c, const struct spec_code *code);
/* The place of a key's value, or of the mapping that lacks it. */
struct place spec_value_place(const struct yaml_node *node, const char *key);

#endif
