/* SPDX-License-Identifier: MIT
 * Rules about the author's Python file, which is read and never run: what the spec names is there
 * and can be called the way it will be called. What cannot be known (imported, decorated or
 * conditional definitions) is not judged.
 */
#include "lib/spec/spec_internal.h"

#include "lib/base/memory.h"

#include <string.h>

/* A name's last definition. */
enum binding_kind { BINDING_NONE, BINDING_FUNCTION, BINDING_CLASS, BINDING_VALUE, BINDING_UNKNOWN };
struct binding {
	enum binding_kind kind;
	size_t line;
	const struct python_function *function;
	const struct python_class *class;
};

struct judge {
	struct spec_checker *c;
	const struct spec_code *code;
	const struct python_module *m;
};

/* A definition later in the file replaces one above it, unless it is not known which one runs. */
static void rebind(struct binding *b, struct binding next)
{
	bool is_unknown = b->kind == BINDING_UNKNOWN || next.kind == BINDING_UNKNOWN;

	if (next.line >= b->line)
		*b = next;
	if (is_unknown)
		b->kind = BINDING_UNKNOWN;
}

static bool is_literal(const struct python_expr *e)
{
	switch (e->kind) {
	case EXPR_STRING:
	case EXPR_BYTES:
	case EXPR_INTEGER:
	case EXPR_FLOAT:
	case EXPR_TRUE:
	case EXPR_FALSE:
	case EXPR_NONE:
	case EXPR_LIST:
	case EXPR_TUPLE:
	case EXPR_SET:
	case EXPR_DICT:
		return true;
	case EXPR_NAME:
	case EXPR_ATTRIBUTE:
	case EXPR_ELLIPSIS:
	case EXPR_SUBSCRIPT:
	case EXPR_CALL:
	case EXPR_OR:
	case EXPR_OTHER:
		return false;
	}
	return false;
}

static void bind_definitions(const struct python_module *m, const char *name, struct binding *b)
{
	for (size_t i = 0; i < m->n_functions; i++) {
		const struct python_function *f = &m->functions[i];
		bool is_plain = !f->is_guarded && f->n_decorators == 0;

		if (strcmp(f->name, name) == 0)
			rebind(b, (struct binding){is_plain ? BINDING_FUNCTION : BINDING_UNKNOWN,
						   f->line, f, NULL});
	}
	for (size_t i = 0; i < m->n_classes; i++) {
		const struct python_class *c = &m->classes[i];
		bool is_plain = !c->is_guarded && c->n_decorators == 0;

		if (strcmp(c->name, name) == 0)
			rebind(b, (struct binding){is_plain ? BINDING_CLASS : BINDING_UNKNOWN,
						   c->line, NULL, c});
	}
}

static struct binding find_binding(const struct python_module *m, const char *name)
{
	struct binding b = {0};

	bind_definitions(m, name, &b);
	for (size_t i = 0; i < m->n_assignments; i++) {
		const struct python_assignment *a = &m->assignments[i];
		bool is_value = a->value && is_literal(a->value);
		bool is_declared_only = a->annotation && !a->value;

		if (strcmp(a->name, name) == 0 && !is_declared_only)
			rebind(&b, (struct binding){is_value ? BINDING_VALUE : BINDING_UNKNOWN,
						    a->line, NULL, NULL});
	}
	for (size_t i = 0; i < m->n_imports; i++)
		if (strcmp(m->imports[i].alias, name) == 0 && !m->imports[i].is_inner)
			rebind(&b,
			       (struct binding){BINDING_UNKNOWN, m->imports[i].line, NULL, NULL});
	return b;
}

/* Such a name of the same kind; NULL: none. */
static const char *find_near(const struct python_module *m, const char *name, bool is_class)
{
	size_t n = is_class ? m->n_classes : m->n_functions;
	auto_free const char **names = xcalloc(n + 1, sizeof(*names));

	for (size_t i = 0; i < n; i++)
		names[i] = is_class ? m->classes[i].name : m->functions[i].name;
	return text_nearest(name, names);
}

static struct finding *add(struct judge *j, const char *code, struct place place, const char *name,
			   size_t line, const char *problem)
{
	return field_finding(&j->c->reader, code, place, "'%s' %s (line %zu of '%s')", name,
			     problem, line, j->code->file);
}

static const char *keyword_of(const struct python_function *f)
{
	return f->is_async ? "async def" : "def";
}

/* The function of that name, when it can be judged; NULL: it cannot, or there was a finding. */
static const struct python_function *find_function(struct judge *j, const char *name,
						   struct place place)
{
	if (!name)
		return NULL;
	struct binding b = find_binding(j->m, name);

	if (b.kind == BINDING_FUNCTION)
		return b.function;
	if (b.kind == BINDING_NONE && !j->m->is_open) {
		const char *near = find_near(j->m, name, false);
		struct finding *f = field_finding(&j->c->reader, "E223", place,
						  "'%s' has no function '%s'", j->code->file, name);

		if (near)
			finding_hint(f, "did you mean '%s'?", near);
		else
			finding_hint(f, "define it: 'async def %s(…):'", name);
	} else if (b.kind == BINDING_CLASS || b.kind == BINDING_VALUE) {
		finding_hint(add(j, "E228", place, name, b.line,
				 b.kind == BINDING_CLASS ? "is a class, not a function"
							 : "is a value, not a function"),
			     "name a function: 'async def %s(…):'", name);
	}
	return NULL;
}

/* How a function can be called with arguments by position. */
struct arity {
	size_t n_needed;
	size_t n_taken;                         /* SIZE_MAX: any number */
	const struct python_parameter *keyword; /* by name only, and needed; NULL: none */
};

static struct arity arity_of(const struct python_function *f)
{
	struct arity a = {0};

	for (size_t i = 0; i < f->n_parameters; i++) {
		const struct python_parameter *p = &f->parameters[i];

		if (p->kind == PARAMETER_STAR)
			a.n_taken = SIZE_MAX;
		else if (p->kind == PARAMETER_KEYWORD && !p->value)
			a.keyword = p;
		else if (p->kind == PARAMETER_PLAIN)
			a.n_taken++;
		if (p->kind == PARAMETER_PLAIN && !p->value)
			a.n_needed++;
	}
	return a;
}

/* What every function of the spec takes first. true: it does. */
static bool check_chute(struct judge *j, const struct python_function *f, struct place place,
			const char *more)
{
	if (arity_of(f).n_taken > 0)
		return true;
	finding_hint(add(j, "E227", place, f->name, f->line,
			 "has no parameter for the chute, which it is called with"),
		     "write '%s %s(self%s):'", keyword_of(f), f->name, more);
	return false;
}

/* Is it called with no more than `n` arguments? `who` passes them: "a cord passes two at most: the
 * chute and the body". */
static bool check_needed(struct judge *j, const struct python_function *f, struct place place,
			 size_t n, const char *who)
{
	struct arity a = arity_of(f);

	if (a.n_needed > n)
		finding_hint(field_finding(&j->c->reader, "E227", place,
					   "'%s' needs %zu arguments (line %zu of '%s'), but %s",
					   f->name, a.n_needed, f->line, j->code->file, who),
			     "give the others a default");
	else if (a.keyword)
		finding_hint(field_finding(&j->c->reader, "E227", place,
					   "'%s' needs the argument '%s' by name (line %zu of "
					   "'%s'), but %s",
					   f->name, a.keyword->name, f->line, j->code->file, who),
			     "give it a default");
	else
		return true;
	return false;
}

static void check_hook(struct judge *j, const char *name, struct place place)
{
	const struct python_function *f = find_function(j, name, place);

	if (!f || !check_chute(j, f, place, "") ||
	    !check_needed(j, f, place, 1, "only the chute is passed"))
		return;
	if (f->is_generator)
		finding_hint(add(j, "E226", place, name, f->line,
				 "is a generator, and nobody takes what it yields"),
			     "remove the 'yield'");
}

static void check_stream(struct judge *j, const struct spec_cord *cord,
			 const struct python_function *f)
{
	struct place place = spec_value_place(cord->node, "stream");

	if (!yaml_find(cord->node, "stream"))
		place = spec_value_place(cord->node, "function");
	/* a plain function may return what another one yields */
	if (cord->is_stream && !f->is_generator && (f->is_async || !f->returns_value))
		finding_hint(add(j, "E226", place, f->name, f->line,
				 "is no generator, but 'stream' is true"),
			     "'yield' each piece, or remove 'stream'");
	else if (!cord->is_stream && f->is_generator)
		finding_hint(add(j, "E226", place, f->name, f->line,
				 "is a generator, but 'stream' is not true"),
			     "add 'stream: true', or 'return' one value");
}

static void check_cord(struct judge *j, const struct spec_cord *cord)
{
	struct place place = spec_value_place(cord->node, "function");
	bool has_body = cord->input.kind == INPUT_FIELDS || cord->input.kind == INPUT_MODEL;

	if (cord->forward.path)
		return;
	const struct python_function *f = find_function(j, cord->function, place);

	if (!f)
		return;
	if (check_chute(j, f, place, ", params") &&
	    check_needed(j, f, place, 2, "a cord passes two at most: the chute and the body") &&
	    has_body && arity_of(f).n_taken < 2)
		finding_hint(add(j, "E227", place, f->name, f->line,
				 "has no parameter for the body, but the cord has an input"),
			     "write '%s %s(self, params):'", keyword_of(f), f->name);
	check_stream(j, cord, f);
}

static bool takes_by_name(const struct python_function *f, const char *name)
{
	for (size_t i = 0; i < f->n_parameters; i++) {
		const struct python_parameter *p = &f->parameters[i];

		if (p->kind == PARAMETER_STARS ||
		    (p->kind != PARAMETER_STAR && strcmp(p->name, name) == 0))
			return true;
	}
	return false;
}

/* A job gets its declared arguments by name, and a folder for what it writes. */
static void check_job_arguments(struct judge *j, const struct spec_job *job,
				const struct python_function *f, struct place place)
{
	static const char folder[] = "output_dir";
	const char *missing = takes_by_name(f, folder) ? NULL : folder;

	for (size_t i = 0; i < job->args.n && !missing; i++)
		if (job->args.items[i].name && !takes_by_name(f, job->args.items[i].name))
			missing = job->args.items[i].name;
	if (missing)
		finding_hint(field_finding(&j->c->reader, "E227", place,
					   "'%s' takes no '%s' (line %zu of '%s'), but is called "
					   "with it",
					   f->name, missing, f->line, j->code->file),
			     "add '**job_data' to its parameters");
	for (size_t i = 1; i < f->n_parameters && job->args.n > 0; i++) {
		const struct python_parameter *p = &f->parameters[i];
		bool is_needed =
			!p->value && (p->kind == PARAMETER_PLAIN || p->kind == PARAMETER_KEYWORD);

		if (is_needed && strcmp(p->name, folder) != 0 &&
		    !spec_find_field(&job->args, p->name))
			finding_hint(field_finding(&j->c->reader, "E227", place,
						   "'%s' needs '%s' (line %zu of '%s'), which is "
						   "no argument of the job",
						   f->name, p->name, f->line, j->code->file),
				     "declare it under 'args', or give it a default");
	}
}

static void check_job(struct judge *j, const struct spec_job *job)
{
	struct place place = spec_value_place(job->node, "function");

	if (job->command.n > 0)
		return;
	const struct python_function *f = find_function(j, job->function, place);

	if (!f || !check_chute(j, f, place, ", **job_data"))
		return;
	check_job_arguments(j, job, f, place);
	if (f->is_generator)
		finding_hint(add(j, "E226", place, f->name, f->line,
				 "is a generator, and nobody takes what it yields"),
			     "remove the 'yield'");
}

/* Surely no pydantic model: nothing above it comes from elsewhere. */
static bool is_no_model(const struct python_module *m, const struct python_class *c, size_t depth)
{
	static const char *const plain[] = {"object", "dict",  "list",      "str",
					    "int",    "float", "Exception", NULL};

	/* more than anybody writes is not followed */
	if (c->n_keywords > 0 || c->n_decorators > 0 || depth > 3 || c->n_bases > 8)
		return false;
	for (size_t i = 0; i < c->n_bases; i++) {
		const struct python_expr *base = c->bases[i];
		bool is_plain = false;

		if (base->kind != EXPR_NAME)
			return false;
		struct binding b = find_binding(m, base->text);

		for (size_t k = 0; plain[k]; k++)
			is_plain |= b.kind == BINDING_NONE && strcmp(plain[k], base->text) == 0;
		if (!is_plain && !(b.kind == BINDING_CLASS && is_no_model(m, b.class, depth + 1)))
			return false;
	}
	return true;
}

static void check_model(struct judge *j, const char *name, struct place place)
{
	if (!name)
		return;
	struct binding b = find_binding(j->m, name);

	if (b.kind == BINDING_NONE && !j->m->is_open) {
		const char *near = find_near(j->m, name, true);
		struct finding *f = field_finding(&j->c->reader, "E223", place,
						  "'%s' has no class '%s'", j->code->file, name);

		if (near)
			finding_hint(f, "did you mean '%s'?", near);
		else
			finding_hint(f, "define it: 'class %s(BaseModel):'", name);
	} else if (b.kind == BINDING_FUNCTION || b.kind == BINDING_VALUE) {
		add(j, "E228", place, name, b.line,
		    b.kind == BINDING_FUNCTION ? "is a function, not a pydantic class"
					       : "is a value, not a pydantic class");
	} else if (b.kind == BINDING_CLASS && !j->m->is_open && is_no_model(j->m, b.class, 0)) {
		finding_hint(add(j, "E228", place, name, b.line, "is no pydantic class"),
			     "derive it from pydantic's BaseModel");
	}
}

static void check_reserved_name(struct judge *j, const char *name, size_t line)
{
	if (strcmp(name, "chute") != 0 && !text_starts_with(name, "_chutes_"))
		return;
	struct finding *f = findings_add(j->c->reader.findings, "E229",
					 "'%s' is a name of the generated code", name);

	yaml_place(&j->code->source, f, (struct place){line, 1, 1});
	finding_hint(f, strcmp(name, "chute") == 0
				? "rename it, or describe a module that makes its own chute with "
				  "'python' instead of 'handlers'"
				: "rename it");
}

static void check_reserved(struct judge *j)
{
	const struct python_module *m = j->m;

	for (size_t i = 0; i < m->n_functions; i++)
		check_reserved_name(j, m->functions[i].name, m->functions[i].line);
	for (size_t i = 0; i < m->n_classes; i++)
		check_reserved_name(j, m->classes[i].name, m->classes[i].line);
	for (size_t i = 0; i < m->n_assignments; i++)
		check_reserved_name(j, m->assignments[i].name, m->assignments[i].line);
	for (size_t i = 0; i < m->n_imports; i++)
		if (!m->imports[i].is_inner)
			check_reserved_name(j, m->imports[i].alias, m->imports[i].line);
}

static void check_handlers(struct judge *j)
{
	const struct spec *spec = j->c->spec;
	const struct spec_handlers *handlers = &spec->handlers;
	const struct spec_hooks *hooks[] = {&handlers->startup, &handlers->shutdown};

	for (size_t k = 0; k < array_len(hooks); k++)
		for (size_t i = 0; i < hooks[k]->n; i++)
			check_hook(j, hooks[k]->items[i].call, hooks[k]->items[i].place);
	check_hook(j, handlers->configure,
		   spec_value_place(yaml_find(spec->root, "handlers"), "configure"));
	for (size_t i = 0; i < spec->cords.n; i++) {
		const struct spec_cord *cord = &spec->cords.items[i];

		check_model(j, cord->input.model, spec_value_place(cord->node, "input"));
		check_model(j, cord->minimal_input.model,
			    spec_value_place(cord->node, "minimal_input"));
		check_model(j, cord->output.model, spec_value_place(cord->node, "output"));
		check_cord(j, cord);
	}
	for (size_t i = 0; i < spec->jobs.n; i++)
		check_job(j, &spec->jobs.items[i]);
	check_reserved(j);
}

/* Does the text stand in the code as a string of its own? */
static bool has_string(const char *code, const char *text)
{
	size_t len = strlen(text);

	for (const char *at = code; (at = strstr(at, text)); at++)
		if (at > code && (at[-1] == '"' || at[-1] == '\'') && at[len] == at[-1])
			return true;
	return false;
}

/* A module that registers its chute by itself: what can be seen without running it. */
static void check_module(struct judge *j)
{
	const struct spec *spec = j->c->spec;
	const struct spec_python *python = &spec->python;
	const struct yaml_node *node = yaml_find(spec->root, "python");

	if (python->object && !j->m->is_open &&
	    find_binding(j->m, python->object).kind == BINDING_NONE)
		finding_hint(field_finding(&j->c->reader, "E223", spec_value_place(node, "object"),
					   "'%s' does not define '%s'", python->file,
					   python->object),
			     "name the variable that holds the chute with 'object'");
	if (spec->name && !has_string(j->code->source.text, spec->name))
		finding_hint(field_finding(&j->c->reader, "W314",
					   spec_value_place(spec->root, "name"),
					   "the name '%s' does not stand in '%s'", spec->name,
					   python->file),
			     "it must be the name that the module gives its chute");
}

void spec_check_python(struct spec_checker *c, struct spec_code *code)
{
	struct judge j = {c, code, &code->module};
	struct python_fault fault;

	if (!python_module_parse(code->source.text, code->source.len, &code->module, &fault)) {
		struct finding *f = findings_add(c->reader.findings, "E225", "%s", fault.message);

		yaml_place(&code->source, f, (struct place){fault.line, fault.column, 1});
		if (*fault.hint)
			finding_hint(f, "%s", fault.hint);
		return;
	}
	if (c->spec->mode == SPEC_HANDLERS)
		check_handlers(&j);
	else
		check_module(&j);
	if (!c->shipped_handlers)
		spec_check_imports(c, code);
}
