/* SPDX-License-Identifier: MIT
 * Fields as data: a struct is described by a table of rows, and one reader fills it from a YAML
 * mapping, with every check that a row can express, all mistakes as findings. The same rows are
 * the reference page and the schema. Knows no particular document.
 */
#ifndef CHUTES_DATA_FIELDS_H
#define CHUTES_DATA_FIELDS_H

#include "lib/base/arena.h"
#include "lib/base/compiler.h"
#include "lib/base/findings.h"
#include "lib/data/yaml.h"

/* Values in arena memory. */
struct field_texts {
	char **items; /* NULL-terminated when n > 0: an argv */
	size_t n;
	struct place *places; /* one per item */
};
struct field_pair {
	char *name;
	char *value;
	struct place place; /* of the name */
};
struct field_pairs {
	struct field_pair *items; /* in file order, names unique */
	size_t n;
};
/* Like pairs, but each value is JSON text. */
struct field_values {
	struct field_pair *items;
	size_t n;
};

#endif
