/* SPDX-License-Identifier: MIT
 * Schemas of what a Python file says. Each function either knows what pydantic or the platform's
 * SDK would make of an expression, or gives up with a reason: nothing is guessed.
 */
#ifndef CHUTES_LOWER_SCHEMA_READER_H
#define CHUTES_LOWER_SCHEMA_READER_H

#include "lib/lower/schema_internal.h"
#include "lib/python/module.h"

enum { SCHEMA_DEPTH_MAX = 200, SCHEMA_STEPS_MAX = 20000 };

/* What a class's configuration says about the schemas of its fields and its own. */
struct schema_config {
	struct value *title;
	struct value *extra_json; /* json_schema_extra */
	struct value *additional; /* of `extra`: true, false */
	bool is_base64;           /* ser_json_bytes */
};

struct schema_reader {
	struct arena *arena;
	const struct python_module *module;
	const char *prefix;                 /* of references: "#/$defs/" */
	struct value *definitions;          /* of classes that were referred to */
	const struct schema_config *config; /* of the class whose fields are read; NULL: none */
	size_t depth;
	size_t n_steps; /* taken so far, for a limit */
	char *problem;  /* the first one; NULL: none */
	size_t problem_line;
};

/* Remember why; returns false. */
bool schema_give_up(struct schema_reader *r, size_t line, const char *fmt, ...) printf_like(3, 4);
/* One level down, so that what refers to itself ends: pair them. */
must_use bool schema_enter(struct schema_reader *r, size_t line);
void schema_leave(struct schema_reader *r);

enum schema_name_kind {
	NAME_CLASS,   /* of the file */
	NAME_VALUE,   /* `NAME = value` of the file */
	NAME_OUTSIDE, /* imported or built in: "typing.List", "builtins.str" */
};
struct schema_name {
	enum schema_name_kind kind;
	const struct python_class *class;
	const struct python_expr *value;
	const char *dotted;
};
/* What a name or an attribute stands for. */
must_use bool schema_find_name(struct schema_reader *r, const struct python_expr *expr,
			       struct schema_name *out);
/* The same for what must come from outside; "" for everything else, without a problem. */
const char *schema_dotted(struct schema_reader *r, const struct python_expr *expr);

enum schema_class_kind { CLASS_MODEL, CLASS_ENUM, CLASS_PLAIN };
must_use bool schema_class_kind(struct schema_reader *r, const struct python_class *class,
				enum schema_class_kind *out);

/* A literal as JSON: numbers, texts, lists, members of enums of the file, names of such values. */
must_use bool schema_literal_value(struct schema_reader *r, const struct python_expr *expr,
				   struct value **out);
/* The values of an enum class in order; `has_aliases`: a value that is there already, too. */
must_use bool schema_enum_values(struct schema_reader *r, const struct python_class *class,
				 bool has_aliases, struct value **out);
/* All values of Literal[…], also of Literals inside. */
must_use bool schema_literal_values(struct schema_reader *r, const struct python_expr *subscript,
				    struct value *out);

/* What pydantic makes of a type. */
enum schema_family {
	FAMILY_NUMBER,
	FAMILY_TEXT,
	FAMILY_BYTES,
	FAMILY_LIST,
	FAMILY_MAP,
	FAMILY_TIME,
	FAMILY_DECIMAL,
	FAMILY_NULLABLE,
	FAMILY_UNION,
	FAMILY_OTHER,
};
struct schema_shape {
	enum schema_family family;
	struct value *schema;
	struct schema_shape *inner; /* of FAMILY_NULLABLE */
	bool is_reference;          /* it has no title of its own from a field */
};
must_use bool schema_of_type(struct schema_reader *r, const struct python_expr *expr,
			     struct schema_shape *out);

/* What Field() and Annotated say beside the type. */
struct schema_field {
	struct value *rules;         /* by pydantic's names: {"ge": 1} */
	struct value *notes;         /* as they go into the schema: description … */
	struct value *default_value; /* NULL: none that shows */
	bool is_optional;            /* has a default, shown or not */
	const char *alias;           /* NULL: none */
};
/* One of the things behind the type in Annotated[…], or the call of Field(). */
must_use bool schema_read_metadata(struct schema_reader *r, const struct python_expr *expr,
				   struct schema_field *field);
must_use bool schema_apply_rules(struct schema_reader *r, struct schema_shape *type,
				 const struct value *rules, size_t line);
/* conint(…), constr(…): the type and its rules. */
must_use bool schema_of_call(struct schema_reader *r, const struct python_expr *call,
			     struct schema_shape *out);

/* {"$ref": …} to a class, whose definition is made if it is not there. */
must_use bool schema_of_class(struct schema_reader *r, const struct python_class *class,
			      struct schema_shape *out);
/* model_json_schema(): the whole schema of a class with its definitions inside. */
must_use bool schema_of_model(struct schema_reader *r, const struct python_class *class,
			      struct value **out);
must_use bool schema_read_config(struct schema_reader *r, const struct python_class *class,
				 struct schema_config *config);

/* What the platform's SDK registers for a function's annotations; `has_input`: its input, too. */
struct schema_function {
	struct value *input;      /* NULL: not known */
	struct value *output;     /* NULL: no annotation, or not known */
	const char *content_type; /* NULL: none */
};
void schema_of_function(struct schema_reader *r, const struct python_function *function,
			bool has_input, struct schema_function *out);

#endif
