/* SPDX-License-Identifier: MIT
 * What the names in a Python file stand for, and what kind of classes its classes are.
 */
#include "lib/lower/schema_reader.h"

#include <stdarg.h>
#include <string.h>

bool schema_give_up(struct schema_reader *r, size_t line, const char *fmt, ...)
{
	auto_text problem = {0};
	va_list args;

	va_start(args, fmt);
	text_addv(&problem, fmt, args);
	va_end(args);
	if (!r->problem) {
		r->problem = arena_strdup(r->arena, text_str(&problem));
		r->problem_line = line;
	}
	return false;
}

bool schema_enter(struct schema_reader *r, size_t line)
{
	if (r->depth == SCHEMA_DEPTH_MAX || r->n_steps++ >= SCHEMA_STEPS_MAX)
		return schema_give_up(r, line, "refers to itself without end");
	r->depth++;
	return true;
}

void schema_leave(struct schema_reader *r) { r->depth--; }

/* One name for what libraries offer under several. */
static const char *canonical(struct schema_reader *r, const char *dotted)
{
	static const struct {
		const char *from, *to;
	} prefixes[] = {
		{"typing_extensions.", "typing."},
		{"pydantic.fields.", "pydantic."},
		{"pydantic.types.", "pydantic."},
		{"pydantic.networks.", "pydantic."},
		{"pydantic.main.", "pydantic."},
		{"pydantic.config.", "pydantic."},
		{"pydantic.functional_validators.", "pydantic."},
		{"pydantic.functional_serializers.", "pydantic."},
		{"pydantic.json_schema.", "pydantic."},
	};

	for (size_t i = 0; i < array_len(prefixes); i++)
		if (text_starts_with(dotted, prefixes[i].from))
			return arena_printf(r->arena, "%s%s", prefixes[i].to,
					    dotted + strlen(prefixes[i].from));
	return dotted;
}

/* How often is it bound in the file, in whatever way? */
static size_t count_bindings(const struct python_module *m, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_functions; i++)
		n += strcmp(m->functions[i].name, name) == 0;
	for (size_t i = 0; i < m->n_classes; i++)
		n += strcmp(m->classes[i].name, name) == 0;
	for (size_t i = 0; i < m->n_assignments; i++)
		n += strcmp(m->assignments[i].name, name) == 0;
	return n;
}

/* What the imports of a name bring, if that is one thing. */
static const char *imported(struct schema_reader *r, const char *name)
{
	const char *found = NULL;

	for (size_t i = 0; i < r->module->n_imports; i++) {
		const struct python_import *import = &r->module->imports[i];

		if (import->is_inner || strcmp(import->alias, name) != 0)
			continue;
		bool is_first = !import->name && strchr(import->module, '.') &&
				!strchr(name, '.') && text_starts_with(import->module, name) &&
				import->module[strlen(name)] == '.';
		const char *dotted =
			import->name ? arena_printf(r->arena, "%s.%s", import->module, import->name)
			: is_first   ? name
				     : import->module;

		dotted = canonical(r, dotted);
		if (found && strcmp(found, dotted) != 0)
			return "";
		found = dotted;
	}
	return found;
}

static bool is_builtin(const char *name)
{
	static const char *const names[] = {"str",    "int",  "float",   "bool",     "bytes",
					    "list",   "dict", "tuple",   "set",      "frozenset",
					    "object", "type", "complex", "bytearray"};

	for (size_t i = 0; i < array_len(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static bool find_plain(struct schema_reader *r, const struct python_expr *expr,
		       struct schema_name *out)
{
	const char *name = expr->text;
	size_t n = count_bindings(r->module, name);
	const char *outside = imported(r, name);
	const struct python_class *class = python_find_class(r->module, name);
	const struct python_assignment *assignment = python_find_assignment(r->module, name);

	if (n > 1 || (n == 1 && outside) || (outside && !*outside))
		return schema_give_up(r, expr->line, "'%s' is bound more than once", name);
	if (class && !class->is_guarded) {
		*out = (struct schema_name){.kind = NAME_CLASS, .class = class};
		return true;
	}
	if (assignment && assignment->value) {
		*out = (struct schema_name){.kind = NAME_VALUE, .value = assignment->value};
		return true;
	}
	if (n == 0 && !outside && is_builtin(name))
		outside = arena_printf(r->arena, "builtins.%s", name);
	if (n > 0 || !outside)
		return schema_give_up(r, expr->line, "'%s' is not known before the file runs",
				      name);
	*out = (struct schema_name){.kind = NAME_OUTSIDE, .dotted = outside};
	return true;
}

static bool find_attribute(struct schema_reader *r, const struct python_expr *expr,
			   struct schema_name *out)
{
	struct schema_name owner = {0};

	if (expr->n_args != 1 ||
	    (expr->args[0]->kind != EXPR_NAME && expr->args[0]->kind != EXPR_ATTRIBUTE) ||
	    !schema_find_name(r, expr->args[0], &owner))
		return schema_give_up(r, expr->line, "'%s' is not known before the file runs",
				      expr->text);
	if (owner.kind == NAME_OUTSIDE) {
		const char *dotted = arena_printf(r->arena, "%s.%s", owner.dotted, expr->text);

		*out = (struct schema_name){.kind = NAME_OUTSIDE, .dotted = canonical(r, dotted)};
		return true;
	}
	for (size_t i = 0; owner.class && i < owner.class->n_classes; i++)
		if (strcmp(owner.class->classes[i].name, expr->text) == 0) {
			*out = (struct schema_name){.kind = NAME_CLASS,
						    .class = &owner.class->classes[i]};
			return true;
		}
	return schema_give_up(r, expr->line, "'%s' is not known before the file runs", expr->text);
}

/* NOLINTNEXTLINE(misc-no-recursion): an expression's height is bounded */
bool schema_find_name(struct schema_reader *r, const struct python_expr *expr,
		      struct schema_name *out)
{
	if (expr->kind == EXPR_NAME)
		return find_plain(r, expr, out);
	if (expr->kind == EXPR_ATTRIBUTE)
		return find_attribute(r, expr, out);
	return schema_give_up(r, expr->line, "an expression stands where a name is wanted");
}

const char *schema_dotted(struct schema_reader *r, const struct python_expr *expr)
{
	char *problem = r->problem;
	size_t line = r->problem_line;
	struct schema_name name = {0};
	bool is_found = (expr->kind == EXPR_NAME || expr->kind == EXPR_ATTRIBUTE) &&
			schema_find_name(r, expr, &name);

	r->problem = problem;
	r->problem_line = line;
	return is_found && name.kind == NAME_OUTSIDE ? name.dotted : "";
}

/* What a base from outside makes of a class. */
static bool kind_of_base(const char *dotted, enum schema_class_kind *out)
{
	static const struct {
		const char *dotted;
		enum schema_class_kind kind;
	} known[] = {
		{"pydantic.BaseModel", CLASS_MODEL},
		{"enum.Enum", CLASS_ENUM},
		{"enum.IntEnum", CLASS_ENUM},
		{"enum.StrEnum", CLASS_ENUM},
		{"builtins.object", CLASS_PLAIN},
		{"builtins.str", CLASS_PLAIN},
		{"builtins.int", CLASS_PLAIN},
		{"builtins.float", CLASS_PLAIN},
		{"abc.ABC", CLASS_PLAIN},
		{"typing.TypedDict", CLASS_PLAIN},
		{"typing.NamedTuple", CLASS_PLAIN},
		{"typing.Protocol", CLASS_PLAIN},
		{"builtins.dict", CLASS_PLAIN},
		{"builtins.list", CLASS_PLAIN},
	};

	for (size_t i = 0; i < array_len(known); i++)
		if (strcmp(known[i].dotted, dotted) == 0) {
			*out = known[i].kind;
			return true;
		}
	return false;
}

/* NOLINTNEXTLINE(misc-no-recursion): by schema_enter() */
bool schema_class_kind(struct schema_reader *r, const struct python_class *class,
		       enum schema_class_kind *out)
{
	enum schema_class_kind kind = CLASS_PLAIN;

	if (!schema_enter(r, class->line))
		return false;
	for (size_t i = 0; i < class->n_bases; i++) {
		enum schema_class_kind base_kind = CLASS_PLAIN;
		struct schema_name base = {0};

		if (!schema_find_name(r, class->bases[i], &base))
			return false;
		if (base.class) {
			if (!schema_class_kind(r, base.class, &base_kind))
				return false;
		} else if (base.kind != NAME_OUTSIDE || !kind_of_base(base.dotted, &base_kind)) {
			return schema_give_up(r, class->line,
					      "'%s' is made from a class that "
					      "this file does not define",
					      class->name);
		}
		if (base_kind != CLASS_PLAIN)
			kind = base_kind;
	}
	schema_leave(r);
	*out = kind;
	return true;
}
