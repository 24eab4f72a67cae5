/* SPDX-License-Identifier: MIT
 * What the files of the JSON Schema check share.
 */
#ifndef CHUTES_DATA_JSON_SCHEMA_INTERNAL_H
#define CHUTES_DATA_JSON_SCHEMA_INTERNAL_H

#include "lib/data/json_schema.h"
#include "lib/data/pattern.h"

/* A schema with an identifier of its own; the document is one, with or without. */
struct schema_resource {
	const struct json *schema;
	char *uri; /* absolute as far as the document says, without fragment; "" */
};
struct schema_anchor {
	const char *name; /* borrowed */
	const struct json *schema;
	size_t resource;
	bool is_dynamic;
};
struct schema_pattern {
	const char *text; /* borrowed: each place of the document has its own */
	struct pattern *pattern;
};

/* The resources that evaluation came through, the innermost first. */
struct schema_scope {
	const struct schema_scope *outer; /* NULL: none */
	size_t resource;
};

/* One check of one value. */
struct schema_check {
	struct schema_resource *resources;
	size_t n_resources, resources_capacity;
	struct schema_anchor *anchors;
	size_t n_anchors, anchors_capacity;
	struct schema_pattern *patterns;
	size_t n_patterns, patterns_capacity;
	bool has_unevaluated; /* so that what was evaluated must be kept in mind */
	size_t work, depth;
	bool is_broken; /* the schema itself, or too much work: `err` says it; all else is void */
	struct error *err;
	struct text problem; /* of the last misfit that was no mere try */
	size_t problem_depth;
	unsigned n_silent; /* misfits are not described */
};

/* A value within the one that is checked. */
struct schema_instance {
	const struct json *value;
	const struct schema_instance *parent; /* NULL: it is the whole */
	const char *key;                      /* in the parent; NULL: an element */
	size_t index;                         /* in the parent */
	size_t depth;
};

/* Which members or elements of a value some schema has looked at. */
struct schema_marks {
	bool *is_seen; /* NULL: nobody asks */
	size_t n;
};

/* One keyword at one value. */
struct schema_rule {
	struct schema_check *c;
	const struct json *schema; /* that has the keyword */
	const struct json *value;  /* of the keyword */
	const struct schema_scope *scope;
	const struct schema_instance *at;
	struct schema_marks *marks;
};

/* Forms of a keyword's value. */
enum {
	SCHEMA_IS_NUMBER = 1 << 0,
	SCHEMA_IS_COUNT = 1 << 1,
	SCHEMA_IS_TEXT = 1 << 2,
	SCHEMA_IS_TEXTS = 1 << 3,
	SCHEMA_IS_LIST = 1 << 4,
	SCHEMA_IS_BOOL = 1 << 5,
	SCHEMA_IS_SCHEMA = 1 << 6,
	SCHEMA_IS_SCHEMAS = 1 << 7, /* a list of them, not empty */
	SCHEMA_IS_MAP = 1 << 8,     /* from names to them */
	SCHEMA_IS_ANY = 1 << 9,
	SCHEMA_IS_TEXTS_MAP = 1 << 10,
};
struct schema_keyword {
	const char *name;
	unsigned forms;
	bool (*fits)(const struct schema_rule *r); /* NULL: says nothing by itself */
};
/* In the order in which they must be asked. */
extern const struct schema_keyword schema_keywords[];

/* Does a value fit a schema? Each of its members or elements that was looked at is marked. */
bool schema_fits(struct schema_check *c, const struct json *schema,
		 const struct schema_scope *scope, const struct schema_instance *at,
		 struct schema_marks *marks);
/* The same of the keyword's own value, or of a part of it. */
bool schema_fits_part(const struct schema_rule *r, const struct json *schema,
		      const struct schema_instance *at);

/* Count `n` steps of work; false once it is too much. */
bool schema_spend(struct schema_check *c, size_t n);
/* The schema itself is wrong. False. */
bool schema_broken(struct schema_check *c, const char *fmt, ...) printf_like(2, 3);
/* The value does not fit, and why. False. */
bool schema_misfit(const struct schema_rule *r, const char *fmt, ...) printf_like(2, 3);
/* SPEC unless all keywords have a value that they can have. */
bool schema_check_forms(struct schema_check *c, const struct json *schema);
/* The regular expression of a keyword; NULL: broken. */
const struct pattern *schema_pattern(struct schema_check *c, const char *text);
bool schema_pattern_fits(struct schema_check *c, const struct pattern *p, const char *text);

/* --- references */
/* Find the identifiers and anchors of the document, and look at the forms of its keywords. */
bool schema_collect(struct schema_check *c, const struct json *document);
/* The resource that starts with this schema, or -1. */
ptrdiff_t schema_find_resource(const struct schema_check *c, const struct json *schema);
bool schema_fits_ref(const struct schema_rule *r);
bool schema_fits_dynamic_ref(const struct schema_rule *r);

/* --- what a value must be */
bool schema_fits_type(const struct schema_rule *r);
bool schema_fits_enum(const struct schema_rule *r);
bool schema_fits_const(const struct schema_rule *r);
bool schema_fits_multiple(const struct schema_rule *r);
bool schema_fits_maximum(const struct schema_rule *r);
bool schema_fits_exclusive_maximum(const struct schema_rule *r);
bool schema_fits_minimum(const struct schema_rule *r);
bool schema_fits_exclusive_minimum(const struct schema_rule *r);
bool schema_fits_max_length(const struct schema_rule *r);
bool schema_fits_min_length(const struct schema_rule *r);
bool schema_fits_pattern(const struct schema_rule *r);
bool schema_fits_max_items(const struct schema_rule *r);
bool schema_fits_min_items(const struct schema_rule *r);
bool schema_fits_unique(const struct schema_rule *r);
bool schema_fits_max_properties(const struct schema_rule *r);
bool schema_fits_min_properties(const struct schema_rule *r);
bool schema_fits_required(const struct schema_rule *r);
bool schema_fits_dependent_required(const struct schema_rule *r);

/* --- schemas that apply to it or to its parts */
bool schema_fits_all_of(const struct schema_rule *r);
bool schema_fits_any_of(const struct schema_rule *r);
bool schema_fits_one_of(const struct schema_rule *r);
bool schema_fits_not(const struct schema_rule *r);
bool schema_fits_if(const struct schema_rule *r);
bool schema_fits_dependent_schemas(const struct schema_rule *r);
bool schema_fits_prefix_items(const struct schema_rule *r);
bool schema_fits_items(const struct schema_rule *r);
bool schema_fits_contains(const struct schema_rule *r);
bool schema_fits_properties(const struct schema_rule *r);
bool schema_fits_pattern_properties(const struct schema_rule *r);
bool schema_fits_additional_properties(const struct schema_rule *r);
bool schema_fits_property_names(const struct schema_rule *r);
bool schema_fits_unevaluated_items(const struct schema_rule *r);
bool schema_fits_unevaluated_properties(const struct schema_rule *r);

#endif
