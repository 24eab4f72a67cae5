/* SPDX-License-Identifier: MIT
 * What each line of a document is, for who edits its text and leaves its meaning alone.
 */
#ifndef CHUTES_DATA_YAML_LAYOUT_H
#define CHUTES_DATA_YAML_LAYOUT_H

#include "lib/data/yaml.h"

enum yaml_line_kind {
	YAML_LINE_BLANK,
	YAML_LINE_COMMENT,
	YAML_LINE_CODE,    /* starts something on the level of blocks */
	YAML_LINE_FLOW,    /* goes on with brackets or braces */
	YAML_LINE_PLAIN,   /* goes on with a text without quotes */
	YAML_LINE_QUOTED,  /* goes on with a text in quotes */
	YAML_LINE_LITERAL, /* inside of what | or > begins */
	YAML_LINE_MARKER,  /* "---", "..." or a directive */
};

/* A key of a block mapping: bytes of its line. */
struct yaml_key_range {
	size_t line; /* from 0, as below */
	size_t start;
	size_t end;
};

struct yaml_layout {
	enum yaml_line_kind *lines;  /* one per line of the source */
	struct yaml_key_range *keys; /* in the order of the text */
	size_t n_keys;
};

/* All memory is the arena's. `source` is one that yaml_parse() reads without a finding. */
struct yaml_layout yaml_layout_new(const struct yaml_source *source, struct arena *arena);
/* The key that starts at this byte of a line; NULL if none does. */
const struct yaml_key_range *yaml_layout_find(const struct yaml_layout *layout, size_t line,
					      size_t start);

#endif
