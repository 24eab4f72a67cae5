/* SPDX-License-Identifier: MIT
 * argv → struct call, by the rows. Options may stand anywhere; "--" ends them.
 */
#include "cli/command.h"

#include "cli/plugin.h"
#include "cli/value.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The walk over argv. */
struct walk {
	struct call *call;
	int argc;
	const char *const *argv;
	int i;          /* next word */
	bool is_behind; /* "--" was seen */
};

const char *command_formats(const struct command *command)
{
	return command && command->formats ? command->formats : "text|json";
}

void command_count(const char *arguments, size_t *least, size_t *most)
{
	*least = 0;
	*most = 0;
	for (const char *word = arguments; word && *word;) {
		size_t len = strcspn(word, " ");
		bool is_optional = word[0] == '[';
		bool repeats = len > 3 && strncmp(word + len - 3, "...", 3) == 0;

		if (strncmp(word, "[--", 3) == 0)
			return;
		*least += !is_optional;
		*most = repeats || *most == SIZE_MAX ? SIZE_MAX : *most + 1;
		word += len;
		word += strspn(word, " ");
	}
}

const struct command *command_find(const struct command *parent, const char *name)
{
	for (const struct command *const *c = parent->sub; c && *c; c++)
		if (strcmp((*c)->name, name) == 0 || value_is_choice((*c)->aliases, name))
			return *c;
	return NULL;
}

/* --- rows */

/* The row of a long name of `len` bytes. "--no-x" finds the flag "x", and "--x" a flag that is
 * itself called "no-x"; then `is_negated`. */
static const struct option_row *find_long(const struct option_row *rows, const char *name,
					  size_t len, bool *is_negated)
{
	*is_negated = false;
	for (const struct option_row *r = rows; r && r->name; r++)
		if (strlen(r->name) == len && strncmp(r->name, name, len) == 0)
			return r;
	*is_negated = true;
	for (const struct option_row *r = rows; r && r->name; r++) {
		size_t row_len = strlen(r->name);

		if (r->type != OPTION_FLAG)
			continue;
		if (len == row_len + 3 && strncmp(name, "no-", 3) == 0 &&
		    strncmp(name + 3, r->name, row_len) == 0)
			return r;
		if (row_len == len + 3 && strncmp(r->name, "no-", 3) == 0 &&
		    strncmp(r->name + 3, name, len) == 0)
			return r;
	}
	return NULL;
}

static const struct option_row *find_short(const struct option_row *rows, char key)
{
	for (const struct option_row *r = rows; r && r->name; r++)
		if (r->key == key)
			return r;
	return NULL;
}

static bool unknown_option(const struct call *call, const char *name, size_t len, struct error *err)
{
	const struct option_row *tables[] = {call->command->options, global_rows};
	auto_free char *word = xstrndup(name, len);
	auto_strings names = {0};

	for (size_t t = 0; t < array_len(tables); t++)
		for (const struct option_row *r = tables[t]; r && r->name; r++)
			strings_add(&names, r->name);
	const char *near = text_nearest(word, (const char *const *)strings_argv(&names));

	fail(err, ERROR_USAGE, "unknown option '--%s'", word);
	if (near)
		return fail_hint(err, "did you mean '--%s'?", near);
	return fail_hint(err, "see 'chutes %s%s--help'", call->name, *call->name ? " " : "");
}

void command_enter(struct call *call, const struct command *command)
{
	size_t len = strlen(call->name);

	snprintf(call->name + len, sizeof(call->name) - len, "%s%s", len ? " " : "", command->name);
	call->command = command;
	if (!command->options_size)
		return;
	call->options = xcalloc(1, command->options_size);
	if (command->defaults)
		memcpy(call->options, command->defaults, command->options_size);
}

/* A row by `find` in the command, then in the globals; NULL: nowhere. An option that only the
 * fallback command knows chooses it. */
static const struct option_row *find_row(struct call *call, const char *name, size_t len,
					 bool *is_negated, void **options)
{
	bool is_short = len == 1;

	*is_negated = false;
	for (;;) {
		const struct option_row *rows = call->command->options;
		const struct option_row *row =
			is_short ? find_short(rows, *name) : find_long(rows, name, len, is_negated);

		*options = call->options;
		if (row)
			return row;
		row = is_short ? find_short(global_rows, *name)
			       : find_long(global_rows, name, len, is_negated);
		*options = &call->globals;
		if (row)
			return row;
		if (!call->command->fallback)
			return NULL;
		command_enter(call, call->command->fallback);
	}
}

static uint64_t row_bit(const struct option_row *rows, const struct option_row *row)
{
	assert(row - rows < 64);
	return UINT64_C(1) << (row - rows);
}

/* The command line gives this row's value: the environment is not asked for it. */
static void note_given(struct call *call, const struct option_row *row, const void *options)
{
	if (options == &call->globals)
		call->given_globals |= row_bit(global_rows, row);
	else
		call->given |= row_bit(call->command->options, row);
}

static bool take_long(struct walk *w, const char *word, struct error *err)
{
	size_t len = strcspn(word, "=");
	const char *value = word[len] ? word + len + 1 : NULL;
	bool is_negated = false;
	void *options = NULL;
	/* one letter behind two dashes is not the short form */
	const struct option_row *row =
		len == 1 ? NULL : find_row(w->call, word, len, &is_negated, &options);
	char what[96];

	if (!row)
		return unknown_option(w->call, word, len, err);
	snprintf(what, sizeof(what), "option '--%.*s'", (int)len, word);
	note_given(w->call, row, options);
	if (row->type == OPTION_FLAG) {
		if (value)
			return fail(err, ERROR_USAGE, "%s takes no value", what);
		value_set_flag(row, options, !is_negated);
		return true;
	}
	if (!value && w->i < w->argc)
		value = w->argv[w->i++];
	if (!value)
		return fail(err, ERROR_USAGE, "%s needs a value: %s", what, row->argument);
	return value_store(row, options, what, value, err);
}

/* "-qv", "-ny" (value behind its key), "-n y". */
static bool take_short(struct walk *w, const char *keys, struct error *err)
{
	for (; *keys; keys++) {
		bool is_negated;
		void *options;
		const struct option_row *row = find_row(w->call, keys, 1, &is_negated, &options);
		char what[32];

		if (!row) {
			fail(err, ERROR_USAGE, "unknown option '-%c'", *keys);
			return fail_hint(err, "see 'chutes %s%s--help'", w->call->name,
					 *w->call->name ? " " : "");
		}
		snprintf(what, sizeof(what), "option '-%c'", *keys);
		note_given(w->call, row, options);
		if (row->type == OPTION_FLAG) {
			value_set_flag(row, options, true);
			continue;
		}
		const char *value = keys[1] ? keys + 1 : NULL;

		if (!value && w->i < w->argc)
			value = w->argv[w->i++];
		if (!value)
			return fail(err, ERROR_USAGE, "%s needs a value: %s", what, row->argument);
		return value_store(row, options, what, value, err);
	}
	return true;
}

/* --- words */

static bool unknown_command(const struct call *call, const char *word, struct error *err)
{
	auto_strings names = {0};

	for (const struct command *const *c = call->command->sub; *c; c++)
		if (!(*c)->is_hidden)
			strings_add(&names, (*c)->name);
	const char *near = text_nearest(word, (const char *const *)strings_argv(&names));
	const char *space = *call->name ? " " : "";

	fail(err, ERROR_USAGE, "unknown command '%s%s%s'", call->name, space, word);
	if (near)
		return fail_hint(err, "did you mean 'chutes %s%s%s'?", call->name, space, near);
	return fail_hint(err, "see 'chutes %s%s--help'", call->name, space);
}

static bool take_word(struct walk *w, const char *word, struct error *err)
{
	struct call *call = w->call;
	bool has_behind = call->command->arguments && strstr(call->command->arguments, "[--");

	if (w->is_behind && has_behind) {
		strings_add(&call->behind, word);
		return true;
	}
	if (!call->command->sub) {
		strings_add(&call->args, word);
		return true;
	}
	const struct command *command = command_find(call->command, word);

	if (!command && call->command == call->root)
		call->plugin = plugin_find(word);
	if (call->plugin) {
		call->plugin_at = w->i - 1;
		return true;
	}
	if (!command)
		return unknown_command(call, word, err);
	command_enter(call, command);
	return true;
}

/* "module:name", what the Python client takes; not something that exists here. */
static bool is_module(const char *word)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
				      "0123456789.";
	size_t colon = strspn(word, letters);
	const char *name = word + colon + 1;

	return colon > 0 && word[colon] == ':' && *name && strspn(name, letters) == strlen(name) &&
	       access(word, F_OK) != 0;
}

static bool check_args(const struct call *call, struct error *err)
{
	const struct command *c = call->command;
	size_t least;
	size_t most;

	if (c->sub && !c->run) {
		fail(err, ERROR_USAGE, "%s%s needs a command", *call->name ? "chutes " : "chutes",
		     call->name);
		return fail_hint(err, "see 'chutes %s%s--help'", call->name,
				 *call->name ? " " : "");
	}
	if (c->hints_module && call->args.n && is_module(call->args.items[0])) {
		fail(err, ERROR_USAGE,
		     "'%s' names a Python object, and 'chutes %s' reads chute.yaml",
		     call->args.items[0], call->name);
		return fail_hint(err, "write one with 'chutes init' and move the settings of the "
				      "Python file into it");
	}
	command_count(c->arguments, &least, &most);
	if (call->args.n < least)
		fail(err, ERROR_USAGE, "'chutes %s' needs %s", call->name, c->arguments);
	else if (call->args.n > most)
		fail(err, ERROR_USAGE, "unexpected argument '%s'", call->args.items[most]);
	else
		return true;
	return fail_hint(err, "usage: chutes %s%s%s", call->name, c->arguments ? " " : "",
			 c->arguments ? c->arguments : "");
}

/* Defaults that come from the environment, for the rows that the command line did not give. */
static bool read_environment(const struct option_row *rows, uint64_t given, void *options,
			     struct error *err)
{
	for (const struct option_row *r = rows; r && r->name; r++) {
		if (!r->has_env || !env_get(r->env) || given & row_bit(rows, r))
			continue;
		char what[64];

		snprintf(what, sizeof(what), "variable '%s'", env_row(r->env)->variable);
		if (r->type == OPTION_FLAG)
			value_set_flag(r, options, env_is_on(r->env));
		else if (!value_store(r, options, what, env_get(r->env), err))
			return false;
	}
	return true;
}

static bool settle_format(struct call *call, struct error *err)
{
	struct globals *g = &call->globals;
	/* the same borrowed pointer: no flag was there before it */
	bool is_from_env = g->format && g->format == env_get(ENV_CHUTES_FORMAT);

	if (g->json)
		g->format = "json";
	if (!g->format)
		g->format = "text";
	g->json = strcmp(g->format, "json") == 0;
	return value_check_choice(is_from_env ? "variable 'CHUTES_FORMAT'" : "option '--format'",
				  command_formats(call->command), g->format, err);
}

bool command_parse(const struct command *root, int argc, const char *const *argv, struct call *call,
		   struct error *err)
{
	struct walk w = {.call = call, .argc = argc, .argv = argv, .i = 1};

	call->root = root;
	call->command = root;
	while (w.i < argc) {
		const char *word = argv[w.i++];
		bool ok;

		if (!w.is_behind && strcmp(word, "--") == 0) {
			w.is_behind = true;
			continue;
		}
		if (w.is_behind || word[0] != '-' || word[1] == '\0')
			ok = take_word(&w, word, err);
		else if (word[1] == '-')
			ok = take_long(&w, word + 2, err);
		else
			ok = take_short(&w, word + 1, err);
		if (!ok || call->plugin)
			return ok;
	}
	if (!call->globals.help && !call->globals.version && call->command->fallback)
		command_enter(call, call->command->fallback);
	if (!read_environment(global_rows, call->given_globals, &call->globals, err) ||
	    !read_environment(call->command->options, call->given, call->options, err) ||
	    !settle_format(call, err))
		return false;
	return call->globals.help || call->globals.version || check_args(call, err);
}

void call_release(struct call *call)
{
	const struct option_row *rows = call->command ? call->command->options : NULL;

	for (; call->options && rows && rows->name; rows++)
		if (rows->type == OPTION_LIST || rows->type == OPTION_REPEAT)
			strings_release((struct strings *)((char *)call->options + rows->offset));
	free(call->options);
	free(call->plugin);
	strings_release(&call->args);
	strings_release(&call->behind);
	*call = (struct call){0};
}

/* The value that words[0], or words[0] and words[1], give to --`name`; NULL: they say something
 * else. */
static const char *value_at(const char *const *words, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(words[0], "--", 2) != 0 || strncmp(words[0] + 2, name, len) != 0)
		return NULL;
	const char *end = words[0] + 2 + len;

	if (*end == '=')
		return end + 1;
	return *end == '\0' ? words[1] : NULL;
}

void command_read_looks(const char *const *words, struct globals *g)
{
	const char *format = env_get(ENV_CHUTES_FORMAT);

	for (; *words && strcmp(*words, "--") != 0; words++) {
		const char *color = value_at(words, "color");
		const char *given = value_at(words, "format");

		if (strcmp(*words, "--json") == 0)
			given = "json";
		if (given)
			format = given;
		if (color && value_is_choice("auto|always|never", color))
			g->color = color;
	}
	g->json = format && strcmp(format, "json") == 0;
	g->format = g->json ? "json" : "text";
}
