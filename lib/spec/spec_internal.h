/* SPDX-License-Identifier: MIT
 * What the files of the spec reader share.
 */
#ifndef CHUTES_SPEC_SPEC_INTERNAL_H
#define CHUTES_SPEC_SPEC_INTERNAL_H

#include "lib/spec/gpus.h"
#include "lib/spec/spec.h"

#define SPEC_PATTERN_VARIABLE "^[A-Za-z_][A-Za-z0-9_]*$"
#define SPEC_FORM_VARIABLE    "letters, digits and '_', not starting with a digit"
#define SPEC_PATTERN_ROUTE    "^(/[a-z][a-z0-9_-]*)+$"
#define SPEC_PATTERN_PATH     "^(/[a-z][a-z0-9_]*)+$"

enum {
	SPEC_README_MAX_CHARACTERS = 16384,
	SPEC_CODE_MAX_CHARACTERS = 150000,
	SPEC_LOGO_MAX_BYTES = 2 * 1024 * 1024,
};

/* The rows of a chute.yaml. */
extern const struct field_table spec_table;
extern const struct field_table spec_handlers_table;
extern const struct field_table spec_server_table;
extern const struct field_table spec_image_table;
extern const struct field_table spec_cord_table;
extern const struct field_table spec_test_table;
extern const struct field_table spec_document_table;

/* What a check needs. `reader.findings` gets the findings. */
struct spec_checker {
	struct spec *spec;
	struct field_reader reader;
	const struct gpu_table *gpus;
};

/* Derive what depends on other values: routes, defaults that follow another field. */
void spec_complete(struct spec *spec);
/* Rules between fields, without a look at files. */
void spec_check_fields(struct spec_checker *c);
void spec_check_image(struct spec_checker *c);
void spec_check_selector(struct spec_checker *c);
void spec_check_cords(struct spec_checker *c);
void spec_check_secrets(struct spec_checker *c);
/* Do a cord's input fields make sense, and do these values fit them? */
void spec_check_schemas(struct spec_checker *c, const struct field_schemas *schemas);
void spec_check_value(struct spec_checker *c, const struct field_schemas *schemas,
		      const char *json_text, struct place place, const char *what);
/* Rules about the files that the spec names. */
void spec_check_project(struct spec_checker *c);
/* The place of a key's value, or of the mapping that lacks it. */
struct place spec_value_place(const struct yaml_node *node, const char *key);

#endif
