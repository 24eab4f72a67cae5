/* SPDX-License-Identifier: MIT
 * The way of a module to its spec: read it, run it where reading is not enough and the caller
 * agrees, choose the mode, write, and compare what was written with what was read.
 */
#include "lib/import/import.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/import/import_internal.h"
#include "lib/spec/spec.h"

#include <stdarg.h>
#include <string.h>

void import_result_release(struct import_result *r)
{
	text_release(&r->yaml);
	free(r->module_name);
	for (size_t i = 0; i < r->n_files; i++) {
		free(r->files[i].name);
		free(r->files[i].text);
	}
	free(r->files);
	findings_release(&r->findings);
	strings_release(&r->unknown);
	*r = (struct import_result){0};
}

void import_add_file(struct import_result *r, const char *name, const char *text)
{
	r->files = xrealloc(r->files, (r->n_files + 1) * sizeof(*r->files));
	r->files[r->n_files++] = (struct import_file){xstrdup(name), xstrdup(text)};
}

void import_note(struct importer *m, const char *code, int64_t line, const char *fmt, ...)
{
	auto_text note = {0};
	va_list args;

	va_start(args, fmt);
	text_addv(&note, fmt, args);
	va_end(args);
	struct finding *f = findings_add(&m->result->findings, code, "%s", text_str(&note));

	if (line > 0)
		finding_place(f, m->o->file, (size_t)line, 0, 0);
	if (line > 0)
		text_addf(&m->notes, "line %lld: ", (long long)line);
	text_add_printable(&m->notes, text_str(&note), note.len, false);
	text_add_char(&m->notes, '\n');
}

/* --- which chute */

static bool fail_document(const struct import_options *o, const struct json *document,
			  struct error *err)
{
	const char *variable = import_text(document, "variable");
	long long line = (long long)import_line(document);

	fail(err, ERROR_SPEC, "%s", import_text(document, "error"));
	if (line > 0)
		fail_in(err, "'%s', line %lld", o->file, line);
	else
		fail_in(err, "'%s'", o->file);
	if (*variable)
		return fail_hint(err, "give it a value: --env %s=VALUE", variable);
	if (json_count(json_find(document, "blocked")) > 0)
		return fail_hint(err, "what reaches outside belongs into a startup hook");
	return false;
}

/* 1, 0 when there is none, -1. */
static int find_chute(const struct import_options *o, const struct json *document,
		      const struct json **out, struct error *err)
{
	const struct json *chutes = json_find(document, "chutes");
	auto_text names = {0};

	for (size_t i = 0; i < json_count(chutes); i++) {
		const struct json *chute = json_at(chutes, i);
		const char *object = import_text(chute, "object");

		text_addf(&names, "%s%s", i ? ", " : "", object);
		if (o->object && strcmp(object, o->object) == 0) {
			*out = chute;
			return 1;
		}
	}
	if (o->object || json_count(chutes) == 0)
		return 0;
	if (json_count(chutes) == 1) {
		*out = json_at(chutes, 0);
		return 1;
	}
	fail(err, ERROR_SPEC, "'%s' has %zu chutes: %s", o->file, json_count(chutes),
	     text_str(&names));
	fail_hint(err, "name one: %s:%s", o->file, import_text(json_at(chutes, 0), "object"));
	return -1;
}

static bool fail_none(const struct import_options *o, const struct json *read, struct error *err)
{
	const struct json *chutes = json_find(read, "chutes");
	const struct json *imports = json_find(read, "imports_sdk");

	if (o->object && json_count(chutes) > 0) {
		fail(err, ERROR_SPEC, "'%s' has no chute '%s'", o->file, o->object);
		return fail_hint(err, "it has '%s'", import_text(json_at(chutes, 0), "object"));
	}
	if (!imports || !json_bool(imports))
		return fail(err, ERROR_SPEC, "'%s' is not a chute: it imports nothing of the SDK",
			    o->file);
	return fail(err, ERROR_SPEC, "'%s' is not a chute: it makes no Chute", o->file);
}

/* --- is reading enough */

static void add_unknown(struct strings *out, const char *what, const struct json *value)
{
	const char *source = import_unknown(value);

	if (source)
		strings_addf(out, "%s is %s", what, source);
}

static void collect_unknown(const struct json *chute, struct strings *out)
{
	const struct json *parts[] = {json_find(chute, "cords"), json_find(chute, "jobs"),
				      json_find(chute, "hooks")};
	const struct json *arguments = json_find(chute, "arguments");
	const char *key;
	const struct json *value;
	void *position = NULL;

	while (json_next(arguments, &position, &key, &value))
		add_unknown(out, key, value);
	for (size_t i = 0; i < array_len(parts); i++)
		for (size_t j = 0; j < json_count(parts[i]); j++) {
			const struct json *part = json_at(parts[i], j);

			add_unknown(out, import_text(part, "function"), part);
		}
}

/* What reading tells. 1: all that counts; 0: more is needed, `unknown` says what; -1. */
static int learn_by_reading(struct importer *m, struct error *err)
{
	struct strings *unknown = &m->result->unknown;
	const struct json *imports = json_find(m->read, "imports_sdk");
	int found = find_chute(m->o, m->read, &m->chute, err);

	if (found < 0)
		return -1;
	if (found > 0)
		collect_unknown(m->chute, unknown);
	else if (imports && json_bool(imports) &&
		 !(m->o->object && json_count(json_find(m->read, "chutes")) > 0))
		strings_add(unknown, "where the chute is made");
	else
		return fail_none(m->o, m->read, err) ? 1 : -1;
	return unknown->n == 0;
}

/* What running told. */
static bool learn_by_running(struct importer *m, const struct json *recorded, struct error *err)
{
	if (json_find(recorded, "error"))
		return fail_document(m->o, recorded, err);
	int found = find_chute(m->o, recorded, &m->chute, err);

	return found > 0 || (found == 0 && fail_none(m->o, m->read, err));
}

/* --- which mode */

static size_t count_parts(const struct json *chute)
{
	return json_count(json_find(chute, "cords")) + json_count(json_find(chute, "jobs")) +
	       json_count(json_find(chute, "hooks"));
}

static long long line_of_first(const struct json *list)
{
	return (long long)import_line(json_at(list, 0));
}

static const char *what_is_first(const struct json *list)
{
	return import_text(json_at(list, 0), "what");
}

/* Why the module's functions cannot be taken out of their wiring; NULL: they can. Caller frees. */
static char *why_not_handlers(const struct importer *m)
{
	const struct json *handlers = json_find(m->read, "handlers");
	const struct json *why = json_find(handlers, "why_not");
	const struct json *programmatic = json_find(m->read, "programmatic");
	const struct json *spawns = json_find(m->read, "spawns");
	const struct json *remote = json_find(m->read, "remote_only");
	const struct json *mine = NULL;
	struct error ignored; /* several chutes: then it is not this one's functions */

	if (json_count(programmatic) > 0)
		return xprintf("%s (line %lld)", what_is_first(programmatic),
			       line_of_first(programmatic));
	if (json_count(remote) > 0)
		return xprintf("some of it runs only on the platform (line %lld)",
			       line_of_first(remote));
	if (json_count(spawns) > 0)
		return xprintf("its processes (%s, line %lld) import it again",
			       what_is_first(spawns), line_of_first(spawns));
	if (import_template_kind(m->chute))
		return xprintf("a template has cords of its own");
	if (why)
		return xstrdup(json_text(why));
	if (find_chute(m->o, m->read, &mine, &ignored) <= 0 ||
	    count_parts(mine) != count_parts(m->chute))
		return xprintf("what it registers stands nowhere in its text");
	if (count_parts(m->chute) == 0)
		return xprintf("it registers nothing");
	return NULL;
}

static bool choose_mode(struct importer *m, struct error *err)
{
	enum import_mode asked = m->o->mode;
	bool is_template = import_template_kind(m->chute) && count_parts(m->chute) == 0 &&
			   json_count(json_find(m->read, "programmatic")) == 0 &&
			   json_count(json_find(m->read, "remote_only")) == 0;
	auto_free char *why = why_not_handlers(m);

	if (asked == IMPORT_TEMPLATE && !is_template)
		return fail(err, ERROR_SPEC, "'%s' is more than a call of a template", m->o->file);
	if (asked == IMPORT_HANDLERS && why)
		return fail(err, ERROR_SPEC, "'%s' cannot be plain handlers: %s", m->o->file, why);
	if (asked != IMPORT_AUTO)
		m->result->mode = asked;
	else if (is_template)
		m->result->mode = IMPORT_TEMPLATE;
	else
		m->result->mode = why ? IMPORT_PYTHON : IMPORT_HANDLERS;
	if (asked == IMPORT_AUTO && m->result->mode == IMPORT_PYTHON)
		import_note(m, "W317", 0, "the module is kept as it is: %s", why);
	return true;
}

/* --- writing */

static bool is_module_name(const char *name)
{
	size_t len = strlen(name);

	return len > 3 && text_ends_with(name, ".py") && name[0] >= 'a' && name[0] <= 'z' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len - 3;
}

static bool out_python(struct importer *m, struct error *err)
{
	const char *name = path_name(m->o->file);

	if (!is_module_name(name)) {
		fail(err, ERROR_SPEC, "'%s' is no name of a module", name);
		return fail_hint(err, "rename it: a lower-case letter, then letters, digits and "
				      "'_', then '.py'");
	}
	m->result->module_name = xstrdup(name);
	import_out_key(m, 0, "python");
	import_out_text(m, 2, "file", name);
	import_out_text(m, 2, "object", import_text(m->chute, "object"));
	return true;
}

/* The author's own file stays what it is: the handlers get another name. */
static void add_handlers_file(struct importer *m)
{
	const char *text = import_text(json_find(m->read, "handlers"), "text");
	bool is_taken = strcmp(path_name(m->o->file), "app.py") == 0;

	m->result->module_name = xstrdup(is_taken ? "handlers.py" : "app.py");
	import_add_file(m->result, m->result->module_name, text);
}

static void note_oddities(struct importer *m)
{
	const struct json *remote = json_find(m->read, "remote_only");
	const struct json *models = json_find(m->read, "models");

	for (size_t i = 0; i < json_count(remote); i++)
		import_note(m, "W318", import_line(json_at(remote, i)),
			    "this part runs only on the platform, and was not looked at");
	for (size_t i = 0; i < json_count(models); i++) {
		const struct json *odd = json_find(json_at(models, i), "misspelt");

		for (size_t j = 0; j < json_count(odd); j++) {
			const struct json *entry = json_at(odd, j);

			import_note(m, "W318", import_line(entry),
				    "Field has no '%s': pydantic checks nothing; '%s' was meant",
				    import_text(entry, "word"), import_text(entry, "meant"));
		}
	}
}

static void note_variables(struct importer *m)
{
	const struct json *reads = json_find(m->read, "env_reads");

	for (size_t i = 0; i < json_count(reads); i++) {
		const struct json *entry = json_at(reads, i);
		const struct json *name = json_find(entry, "name");
		const struct json *fallback = json_find(entry, "default");

		if (name && json_text(name) && fallback && json_text(fallback))
			import_note(m, "W317", import_line(entry),
				    "depends on the variable %s; '%s' was taken, as where it is "
				    "not set",
				    json_text(name), json_text(fallback));
	}
}

static bool write_yaml(struct importer *m, struct error *err)
{
	enum import_mode mode = m->result->mode;
	const char *name = path_name(m->o->file);

	text_add(&m->result->yaml, "# Made from ");
	text_add_printable(&m->result->yaml, name, strlen(name), false);
	text_add(&m->result->yaml, " by chutes import. Check it with `chutes validate`.\n"
				   "version: 1\n");
	note_oddities(m);
	import_out_notes(m, 0);
	import_out_identity(m);
	text_add_char(&m->result->yaml, '\n');
	if (mode == IMPORT_TEMPLATE) {
		note_variables(m);
		import_out_template(m);
	} else if (mode == IMPORT_HANDLERS) {
		add_handlers_file(m);
		import_out_handlers(m);
	} else if (!out_python(m, err)) {
		return false;
	}
	text_add_char(&m->result->yaml, '\n');
	import_out_image(m);
	if (mode == IMPORT_TEMPLATE)
		import_out_env(m);
	import_out_settings(m);
	text_add_char(&m->result->yaml, '\n');
	if (mode == IMPORT_HANDLERS) {
		import_out_value(m, 0, "passthrough_headers",
				 import_argument(m->arguments, "passthrough_headers"));
		import_out_cords(m);
		import_out_jobs(m);
	} else if (mode == IMPORT_PYTHON && json_count(json_find(m->chute, "jobs")) == 0) {
		text_add(&m->result->yaml, "cords: {import: true}\n");
	}
	import_out_notes(m, 0);
	return true;
}

bool import_convert(const struct import_options *o, const struct json *read,
		    const struct json *recorded, struct import_result *out, struct error *err)
{
	auto_import_result result = {0};

	if (json_find(read, "error"))
		return fail_document(o, read, err);
	struct importer m = {.o = o, .read = read, .result = &result};
	int learned = learn_by_reading(&m, err);
	bool ok = learned > 0;

	if (learned == 0 && recorded)
		ok = learn_by_running(&m, recorded, err);
	if (ok) {
		m.arguments = json_find(m.chute, "arguments");
		ok = choose_mode(&m, err) && write_yaml(&m, err) && import_round_trip(&m, err);
	} else if (learned == 0 && !recorded) {
		result.needs_execution = true;
		ok = true;
	}
	text_release(&m.notes);
	if (!ok)
		return false;
	*out = result;
	result = (struct import_result){0};
	return true;
}

bool import_chute(const struct import_options *o, struct import_result *out, struct error *err)
{
	auto_json struct json *read = NULL;
	auto_json struct json *recorded = NULL;
	auto_import_result first = {0};

	if (!file_exists(o->file))
		return fail(err, ERROR_NOT_FOUND, "there is no file '%s'", o->file);
	if (!import_read(o, o->file, &read, err) || !import_convert(o, read, NULL, &first, err))
		return false;
	if (first.needs_execution && o->may_execute)
		return import_record(o, &recorded, err) &&
		       import_convert(o, read, recorded, out, err);
	*out = first;
	first = (struct import_result){0};
	return true;
}
