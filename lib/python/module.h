/* SPDX-License-Identifier: MIT
 * What a Python file says, read without running it: imports, functions with their annotations,
 * classes with their fields. Knows the grammar (Python 3.10 to 3.13) as far as definitions and
 * expressions go; knows nothing of what pydantic or FastAPI make of them.
 *
 * Everything is borrowed from the module's arena. What the reader does not understand is kept as
 * EXPR_OTHER, never guessed; a file that Python itself would refuse gives an error with line and
 * column where that can be told without a full parser (brackets, strings, indentation, encoding).
 */
#ifndef CHUTES_PYTHON_MODULE_H
#define CHUTES_PYTHON_MODULE_H

#include "lib/base/arena.h"
#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/python/tokens.h"

enum python_expr_kind {
	EXPR_NAME,      /* text: "Optional" */
	EXPR_ATTRIBUTE, /* text: the attribute; args[0]: what it is taken from */
	EXPR_STRING,    /* text: the value, escapes resolved; adjacent literals joined */
	EXPR_BYTES,     /* text: as written between the quotes */
	EXPR_INTEGER,   /* text: decimal digits, '_' removed, sign included */
	EXPR_FLOAT,     /* text: likewise */
	EXPR_TRUE,
	EXPR_FALSE,
	EXPR_NONE,
	EXPR_ELLIPSIS,
	EXPR_LIST,      /* args */
	EXPR_TUPLE,     /* args */
	EXPR_SET,       /* args */
	EXPR_DICT,      /* args: key, value, key, value … */
	EXPR_SUBSCRIPT, /* args[0][args[1], args[2] …] */
	EXPR_CALL,      /* args[0](args[1] …, keywords) */
	EXPR_OR,        /* args[0] | args[1] | … */
	EXPR_OTHER,     /* anything else: text as written */
};

struct python_expr;
struct python_keyword {
	const char *name; /* "**" for a mapping that is spread */
	const struct python_expr *value;
};
struct python_expr {
	enum python_expr_kind kind;
	size_t line; /* 1-based */
	const char *text;
	const struct python_expr **args;
	size_t n_args;
	struct python_keyword *keywords;
	size_t n_keywords;
	size_t height; /* of the tree, at most 100: a walk over it may call itself */
};

enum python_parameter_kind { PARAMETER_PLAIN, PARAMETER_STAR, PARAMETER_KEYWORD, PARAMETER_STARS };
struct python_parameter {
	const char *name;
	enum python_parameter_kind kind;
	const struct python_expr *annotation; /* NULL: none */
	const struct python_expr *value;      /* default; NULL: none */
};
struct python_function {
	const char *name;
	size_t line;
	bool is_async;
	bool is_generator;  /* has a `yield` of its own */
	bool returns_value; /* has a `return` with a value */
	bool is_guarded;    /* inside `if`, `try` or the like: there may be another one */
	struct python_parameter *parameters;
	size_t n_parameters;
	const struct python_expr *returns; /* NULL: no annotation */
	const struct python_expr **decorators;
	size_t n_decorators;
	const char *doc; /* cleaned as inspect.cleandoc() does; NULL: none */
};

/* One `name: annotation = value`, `name: annotation` or `name = value` of a class's body. */
struct python_field {
	const char *name;
	size_t line;
	const struct python_expr *annotation; /* NULL: none */
	const struct python_expr *value;      /* NULL: none */
};
struct python_class {
	const char *name;
	size_t line;
	const char *doc; /* likewise; NULL: none */
	struct python_field *fields;
	size_t n_fields;
	struct python_function *methods;
	size_t n_methods;
	struct python_class *classes; /* inside of it, such as `class Config` */
	size_t n_classes;
	const struct python_expr **bases;
	size_t n_bases;
	struct python_keyword *keywords; /* `metaclass=…` */
	size_t n_keywords;
	const struct python_expr **decorators;
	size_t n_decorators;
	bool is_guarded;
	bool is_open; /* statements in the body that may add or change fields */
};

/* `import a.b as c` → module "a.b", name NULL, alias "c"; `from a.b import d as e` → module "a.b",
 * name "d", alias "e"; a relative import's module starts with its dots. alias is what is bound. */
struct python_import {
	const char *module;
	const char *name;
	const char *alias;
	size_t line;
	size_t column;
	bool is_guarded; /* inside `try`, `if` or the like: it may be missing */
	bool is_inner;   /* inside a function: runs late */
};
/* `NAME = value` at the top level, also with an annotation. Neither: the name is bound in another
 * way, such as by `for`, `with … as`, `a, b = …`, or `global` in a function. */
struct python_assignment {
	const char *name;
	size_t line;
	const struct python_expr *annotation;
	const struct python_expr *value;
};

struct python_module {
	struct arena arena;
	struct python_import *imports; /* in file order, inner ones too */
	size_t n_imports;
	struct python_function *functions; /* top level, `if` and `try` blocks included */
	size_t n_functions;
	struct python_class *classes;
	size_t n_classes;
	struct python_assignment *assignments;
	size_t n_assignments;
	bool is_open; /* `from x import *` and the like: there may be more names */
};

#define auto_python_module __attribute__((cleanup(python_module_release))) struct python_module

void python_module_release(struct python_module *m);
/* `name` is what messages call the file. SPEC with a line for what is no Python. */
must_use bool python_module_read(const char *code, size_t len, const char *name,
				 struct python_module *out, struct error *err);
/* The same for a caller that shows the place itself. */
must_use bool python_module_parse(const char *code, size_t len, struct python_module *out,
				  struct python_fault *fault);
/* An annotation that is written as a string. What is no expression becomes EXPR_OTHER. */
const struct python_expr *python_expression_read(const char *text, struct arena *arena);
/* The last definition of a name counts, as in Python. NULL: none. */
const struct python_function *python_find_function(const struct python_module *m, const char *name);
const struct python_class *python_find_class(const struct python_module *m, const char *name);
const struct python_assignment *python_find_assignment(const struct python_module *m,
						       const char *name);
/* The import that binds `alias`; NULL: none. */
const struct python_import *python_find_import(const struct python_module *m, const char *alias);
/* May the module have that name when it has been loaded? true in doubt. */
bool python_may_have(const struct python_module *m, const char *name);

#endif
