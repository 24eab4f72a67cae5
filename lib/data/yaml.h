/* SPDX-License-Identifier: MIT
 * YAML as a tree of nodes that know where they stand. Scalars keep their text: what they mean is
 * the reader's decision (`tag: 1.10` is text where text is wanted). Knows nothing of what the
 * document is about.
 *
 * Subset: one UTF-8 document (a BOM is accepted), no tags. Anchors, aliases and merge keys are
 * resolved: an alias shares its target's nodes, which therefore say where the target stands.
 */
#ifndef CHUTES_DATA_YAML_H
#define CHUTES_DATA_YAML_H

#include "lib/base/arena.h"
#include "lib/base/compiler.h"
#include "lib/base/findings.h"
#include "lib/base/text.h"

/* Where a value stands in its file. */
struct place {
	size_t line;   /* 1-based; 0: the file as a whole */
	size_t column; /* 1-based, in characters */
	size_t width;  /* characters to underline, on the first line only; 0: none */
};

enum {
	YAML_MAX_BYTES = 1024 * 1024,
	YAML_MAX_DEPTH = 32,
	YAML_MAX_ANCHORS = 1000,
	YAML_MAX_ALIAS_NODES = 10000, /* nodes that all aliases together stand for */
};

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml_node;
struct yaml_pair {
	char *key;
	struct place key_place;
	const struct yaml_node *value;
};

struct yaml_node {
	enum yaml_kind kind;
	struct place place;
	bool is_plain;  /* scalar: without quotes, so it may stand for null, a boolean, a number */
	bool is_block;  /* scalar: written with | or > */
	char *text;     /* scalar: terminated, without NUL inside; "" for an absent value */
	size_t n_nodes; /* this one and all below, aliases counted as what they stand for */
	size_t depth;   /* 1 for a scalar */
	size_t n;       /* sequence, mapping: number of items, pairs */
	const struct yaml_node **items;
	struct yaml_pair *pairs; /* in file order; keys are unique */
};

/* The text that a document is read from and that findings show. */
struct yaml_source {
	const char *file; /* as the user named it; NULL: none */
	const char *text;
	size_t len;
	const size_t *lines; /* where each line starts */
	size_t n_lines;
};
/* Copy a text into the arena and index its lines. */
struct yaml_source yaml_source_new(const char *file, const char *text, size_t len,
				   struct arena *arena);

/* Read one document. All memory is the arena's. Whatever is wrong with it becomes a finding;
 * returns NULL when there is no document to go on with, else the root. */
must_use const struct yaml_node *yaml_parse(const struct yaml_source *source, struct arena *arena,
					    struct findings *f);

/* The finding about a source that is larger than YAML_MAX_BYTES, for who noticed it while reading.
 */
void yaml_add_too_large(const struct yaml_source *source, struct findings *f);
/* The value of a key; NULL when `map` is NULL, no mapping, or has no such key. */
const struct yaml_node *yaml_find(const struct yaml_node *map, const char *key);
/* The pair itself, for the key's place. */
const struct yaml_pair *yaml_find_pair(const struct yaml_node *map, const char *key);
/* A plain scalar that is empty, ~ or null. */
bool yaml_is_null(const struct yaml_node *node);
/* The node as JSON, typed by YAML 1.2's core schema (only true and false are booleans; decimal
 * numbers only). A scalar that the core schema reads as a number JSON cannot write, such as 0x1F
 * or .inf, becomes a finding, and false. */
must_use bool yaml_write_json(const struct yaml_node *node, const struct yaml_source *source,
			      struct text *out, struct findings *f);
/* Add the node as JSON, typed by YAML 1.2's core schema (only true and false are booleans). A
 * number that JSON or 64 bits cannot hold, such as 0x1F or .inf, becomes a finding, and false. */
must_use bool yaml_write_json(const struct yaml_node *node, const struct yaml_source *source,
			      struct text *out, struct findings *f);
/* Give a finding its place, and, unless it is very long, the line of text that it stands on. */
void yaml_place(const struct yaml_source *source, struct finding *f, struct place place);

#endif
