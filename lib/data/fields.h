/* SPDX-License-Identifier: MIT
 * Fields as data: a struct is described by a table of rows, and one reader fills it from a YAML
 * mapping with every check that a row can express, all mistakes as findings. The same rows are
 * the reference page and the schema. Knows no particular document.
 *
 * Keys that start with "x-" are ignored. A key that no row knows, a key without a value, a value
 * of another type or outside of its limits is a finding. Scalars mean what the row says: a text
 * row takes 1.10 and no as text, a boolean row takes true and false only, an integer row decimal
 * digits only.
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
/* What every list of structs looks like: `struct { struct thing *items; size_t n; }`. */
struct field_list {
	void *items;
	size_t n;
};

/* What a row fills, and what its `min` and `max` limit. */
enum field_type {
	FIELD_TEXT,     /* char *; characters */
	FIELD_BOOL,     /* bool */
	FIELD_INTEGER,  /* int64_t; the value */
	FIELD_NUMBER,   /* double; the value */
	FIELD_MONEY,    /* int64_t millionths; the value before that */
	FIELD_DURATION, /* uint64_t milliseconds, "30s"; seconds */
	FIELD_SIZE,     /* uint64_t bytes, "512MiB"; bytes */
	FIELD_CHOICE,   /* an enum: the index in `choices` */
	FIELD_TEXTS,    /* struct field_texts; entries; each with the row's pattern */
	FIELD_PAIRS,    /* struct field_pairs; entries; each name with the row's pattern */
	FIELD_VALUES,   /* struct field_values; entries; likewise */
	FIELD_JSON,     /* char *: any value as JSON text */
	FIELD_STRUCT,   /* a struct of `table` */
	FIELD_LIST,     /* a list of structs of `table`; entries */
	FIELD_MAP,      /* the same from a mapping, whose keys become their names; entries */
	FIELD_CUSTOM,   /* `read` does it */
};

struct field_reader {
	const struct yaml_source *source;
	struct arena *arena;
	struct findings *findings;
	const char *env_places; /* where ${env:NAME} may stand, for hints: "'name' and 'env'" */
	bool ignores_unset; /* a variable that is not set is no finding; the value stays empty */
	size_t n_expanded_bytes;        /* that references stand for, so far */
	struct field_pattern *patterns; /* those compiled so far; of fields_scalar.c */
};
/* Free what the reader keeps for itself. */
void field_reader_release(struct field_reader *r);

struct field_table;
struct field {
	const char *key;
	enum field_type type;
	size_t offset;        /* of the value in its struct */
	const char *fallback; /* default, as it would be written; NULL: zero */
	double min, max;      /* inclusive; max 0: no limits */
	bool is_min_excluded;
	const char *pattern; /* regular expression, the part that POSIX and ECMAScript share */
	const char *form;    /* the pattern in words: "letters, digits, '_' and '-'" */
	bool is_required;
	bool has_lines;             /* a text may have line breaks and tabs */
	bool takes_env;             /* ${env:NAME} is replaced, before any other check */
	bool is_list_short;         /* FIELD_TEXTS: one text stands for a list of one */
	const char *const *choices; /* NULL-terminated; a text is one of them, too */
	const struct field_table *table;
	const struct field_table *instead; /* FIELD_LIST: fills the same slot from a mapping */
	/* FIELD_CUSTOM: fill `slot`; false after a finding. */
	bool (*read)(struct field_reader *r, const struct field *row, const struct yaml_node *node,
		     void *slot);
	/* FIELD_CUSTOM: what `read` takes, each of them a row; for the schema and the reference */
	const struct field *forms;
	size_t n_forms;
	/* What it is called elsewhere, blanks between: "num_gpus gpus". Such a key is unknown all
	 * the same, but the finding names this one. */
	const char *other_names;
	const char *help;    /* for the reference: lower case, no full stop */
	const char *example; /* a value as it would be written */
};

/* Where a member is, so that 0 can mean that there is none. */
#define FIELD_MEMBER(type, member) (offsetof(type, member) + 1)
/* What a FIELD_CUSTOM takes. A FIELD_LIST without a table stands for a list of any values, a
 * FIELD_VALUES with one for parts of such a mapping, each to be laid over one. */
#define FIELD_FORMS(row_array) .forms = (row_array), .n_forms = array_len(row_array)
/* What the `read_short` of a table takes. */
#define FIELD_SHORT_FORMS(row_array)                                                               \
	.short_forms = (row_array), .n_short_forms = array_len(row_array)
/* The rows of a table, and the struct that they fill. */
#define FIELD_ROWS(row_array, type)                                                                \
	.rows = (row_array), .n_rows = array_len(row_array), .size = sizeof(type)

struct field_table {
	const char *name; /* what messages call such a mapping: "node_selector", "a cord" */
	const struct field *rows;
	size_t n_rows;
	size_t size;         /* of the struct */
	size_t place_member; /* FIELD_MEMBER of a struct place */
	size_t node_member;  /* of a const struct yaml_node *: the mapping itself */
	size_t name_member;  /* of a char *: the key, in a FIELD_MAP */
	size_t kind_member;  /* of an enum: the mapping has one key, whose row's index goes there */
	/* What is no mapping stands for {short_key: value}, or `read_short` takes it. */
	const char *short_key;
	bool (*read_short)(struct field_reader *r, const struct yaml_node *node, void *out);
	const struct field *short_forms; /* what `read_short` takes, each of them a row */
	size_t n_short_forms;
};

/* Fill `out`, a zeroed struct of the table, from a mapping. NULL node: the defaults only, and no
 * complaint about required keys. false when there was a finding that is an error; all that could
 * be read is filled even then. */
bool fields_read(struct field_reader *r, const struct field_table *table,
		 const struct yaml_node *node, void *out);
/* One value by its row, the way fields_read() does it. */
bool field_read_value(struct field_reader *r, const struct field *row, const struct yaml_node *node,
		      void *slot);
/* The row of a key; NULL: none. */
const struct field *field_find(const struct field_table *table, const char *key);
/* Add a finding at a place of the source. */
struct finding *field_finding(struct field_reader *r, const char *code, struct place place,
			      const char *fmt, ...) printf_like(4, 5);
/* "a list", "a mapping", "nothing", "'yes'": what stands there, for messages. In the arena. */
const char *field_shown(struct field_reader *r, const struct yaml_node *node);
/* A text for a message: printable, in quotes, not too long. In the arena. */
const char *field_quoted(struct field_reader *r, const char *text);
/* For readers of FIELD_CUSTOM rows: */
/* Is the text allowed by the row? Else a finding at `place`. */
must_use bool field_check_text(struct field_reader *r, const struct field *row, const char *text,
			       struct place place);
/* Is the value, length or count inside of the row's limits? `unit` says what is counted,
 * "character"; NULL for the value itself. */
must_use bool field_check_range(struct field_reader *r, const struct field *row, double value,
				const char *unit, struct place place);
/* "must be WANTED, not …". Returns false. */
bool field_wrong_type(struct field_reader *r, const struct field *row, const struct yaml_node *node,
		      const char *wanted);
/* Does the text match the regular expression? Patterns are ours: a broken one is a bug. */
bool field_matches(const char *pattern, const char *text);

#endif
