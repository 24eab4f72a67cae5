/* SPDX-License-Identifier: MIT */
#include "tests/unit/tap.h"

#include "cli/command.h"

#include <stdlib.h>

struct paint_options {
	const char *colour;
	const char *name;
	int64_t count;
	bool is_wet;
	struct strings labels;
	struct strings env;
	uint64_t wait_ms;
	uint64_t limit;
	const char *output;
	const char *runtime;
};

static const struct option_row paint_rows[] = {
	OPT('c', "colour", CHOICE, paint_options, colour, "red|green|blue", "what to paint with"),
	OPT('n', "name", TEXT, paint_options, name, "NAME", "what to call it"),
	OPT(0, "count", NUMBER, paint_options, count, "N", "how many"),
	OPT('w', "wet", FLAG, paint_options, is_wet, NULL, "leave it wet"),
	OPT('l', "label", LIST, paint_options, labels, "LABEL", "put on a label"),
	OPT('e', "env", REPEAT, paint_options, env, "K=V", "set a variable"),
	OPT(0, "wait", DURATION, paint_options, wait_ms, "DURATION", "let it dry"),
	OPT(0, "limit", SIZE, paint_options, limit, "SIZE", "use at most this much"),
	OPT('f', "follow", TEXT, paint_options, output, "X", "takes the short form of --file"),
	OPT_ENV(0, "runtime", TEXT, paint_options, runtime, "X", "has a variable",
		ENV_CHUTES_RUNTIME),
	OPT_END};
static const struct paint_options paint_defaults = {.count = 3, .is_wet = true};

static const struct command paint = {
	.name = "paint",
	.arguments = "FILE [MORE]",
	.options = paint_rows,
	.options_size = sizeof(struct paint_options),
	.defaults = &paint_defaults,
	.formats = "text|json|github",
	.hints_module = true,
};
static const struct command shell = {.name = "shell", .arguments = "[-- COMMAND...]"};
static const struct command many = {.name = "many", .arguments = "FIRST REST..."};
static const struct command list = {
	.name = "list",
	.aliases = "ls|dir",
	.options = paint_rows,
	.options_size = sizeof(struct paint_options),
};
static const struct command get = {.name = "get", .arguments = "NAME"};
static const struct command *const things_sub[] = {&list, &get, NULL};
static const struct command things = {.name = "things", .sub = things_sub, .fallback = &list};
static const struct command *const root_sub[] = {&paint, &shell, &many, &things, NULL};
static const struct command root = {.name = "chutes", .sub = root_sub};

enum { ARGS_MAX = 24 };

static bool parse(struct call *call, const char *const *words, struct error *err)
{
	const char *argv[ARGS_MAX + 2] = {"chutes"};
	int argc = 1;

	for (; words[argc - 1]; argc++)
		argv[argc] = words[argc - 1];
	*call = (struct call){0};
	return command_parse(&root, argc, argv, call, err);
}
#define PARSE(call, err, ...) parse(call, (const char *const[]){__VA_ARGS__, NULL}, err)

TEST(options_may_stand_anywhere)
{
	struct call call;
	struct error err;

	CHECK_OK(PARSE(&call, &err, "--json", "paint", "--name=x", "a", "-cred", "--no-wet", "b",
		       "--count", "-7", "-l", "one,two", "--label", "three", "-e", "A=1,2", "-qv"),
		 err);
	const struct paint_options *o = call.options;

	CHECK_OR_STOP(o != NULL);
	CHECK_TEXT(o->name, "x");
	CHECK_TEXT(o->colour, "red");
	CHECK(o->count == -7);
	CHECK(!o->is_wet);
	CHECK(o->labels.n == 3);
	CHECK_TEXT(o->labels.items[1], "two");
	CHECK(o->env.n == 1);
	CHECK_TEXT(o->env.items[0], "A=1,2");
	CHECK(call.globals.json && call.globals.quiet && call.globals.debug);
	CHECK_TEXT(call.globals.format, "json");
	CHECK(call.args.n == 2);
	CHECK_TEXT(call.name, "paint");
	call_release(&call);
}

TEST(defaults_hold)
{
	struct call call;
	struct error err;

	CHECK_OK(PARSE(&call, &err, "paint", "a"), err);
	const struct paint_options *o = call.options;

	CHECK(o->count == 3 && o->is_wet && !o->name);
	CHECK_TEXT(call.globals.format, "text");
	call_release(&call);
}

TEST(units_are_read)
{
	struct call call;
	struct error err;

	CHECK_OK(
		PARSE(&call, &err, "paint", "a", "--wait", "2m", "--limit=1KiB", "--timeout", "3s"),
		err);
	const struct paint_options *o = call.options;

	CHECK(o->wait_ms == 120000);
	CHECK(o->limit == 1024);
	CHECK(call.globals.timeout_ms == 3000);
	call_release(&call);
}

TEST(a_command_may_take_a_short_form)
{
	struct call call;
	struct error err;

	CHECK_OK(PARSE(&call, &err, "-f", "spec", "paint", "-f", "x", "a"), err);
	CHECK_TEXT(call.globals.file, "spec");
	CHECK_TEXT(((struct paint_options *)call.options)->output, "x");
	call_release(&call);
}

TEST(a_negative_name_has_its_opposite)
{
	struct call call;
	struct error err;

	CHECK_OK(PARSE(&call, &err, "paint", "a", "--no-header", "--header"), err);
	CHECK(!call.globals.no_header);
	call_release(&call);
}

TEST(what_stands_behind_two_dashes)
{
	struct call call;
	struct error err;

	CHECK_OK(PARSE(&call, &err, "shell", "-q", "--", "ls", "--json", "--", "-l"), err);
	CHECK(call.behind.n == 4);
	CHECK_TEXT(call.behind.items[2], "--");
	CHECK(!call.globals.json && call.globals.quiet && call.args.n == 0);
	call_release(&call);
	CHECK_OK(PARSE(&call, &err, "paint", "--", "--name"), err);
	CHECK_TEXT(call.args.items[0], "--name");
	call_release(&call);
	CHECK_OK(PARSE(&call, &err, "paint", "-"), err);
	CHECK_TEXT(call.args.items[0], "-");
	call_release(&call);
}

TEST(a_group_falls_back)
{
	static const char *const lines[][3] = {
		{"things"}, {"things", "list"}, {"things", "ls"}, {"things", "--wet"}};
	struct error err;

	for (size_t i = 0; i < array_len(lines); i++) {
		const char *words[4] = {lines[i][0], lines[i][1], lines[i][2], NULL};
		struct call call;

		CHECK_OK(parse(&call, words, &err), err);
		CHECK_TEXT(call.name, "things list");
		CHECK(call.command == &list);
		call_release(&call);
	}
}

TEST(help_needs_no_arguments)
{
	struct call call;
	struct error err;

	CHECK_OK(PARSE(&call, &err, "paint", "-h"), err);
	CHECK(call.globals.help);
	call_release(&call);
	CHECK_OK(PARSE(&call, &err, "things", "--help"), err);
	CHECK_TEXT(call.name, "things");
	call_release(&call);
}

TEST(mistakes_are_named)
{
	static const struct {
		const char *words[6];
		const char *message;
		const char *hint;
	} rows[] = {
		{{"pant"}, "unknown command 'pant'", "did you mean 'chutes paint'?"},
		{{"xyzzy"}, "unknown command 'xyzzy'", "see 'chutes --help'"},
		{{"things", "lst"},
		 "unknown command 'things lst'",
		 "did you mean 'chutes things list'?"},
		{{"things", "dri"}, "unknown command 'things dri'", "see 'chutes things --help'"},
		{{"paint", "a", "--nam", "x"}, "unknown option '--nam'", "did you mean '--name'?"},
		{{"paint", "a", "--qqqq"}, "unknown option '--qqqq'", "see 'chutes paint --help'"},
		{{"paint", "a", "--n", "x"}, "unknown option '--n'", "see 'chutes paint --help'"},
		{{"paint", "a", "-z"}, "unknown option '-z'", "see 'chutes paint --help'"},
		{{"paint", "a", "-qz"}, "unknown option '-z'", "see 'chutes paint --help'"},
		{{"paint", "a", "--name"}, "option '--name' needs a value: NAME", ""},
		{{"paint", "a", "-n"}, "option '-n' needs a value: NAME", ""},
		{{"paint", "a", "--wet=yes"}, "option '--wet' takes no value", ""},
		{{"paint", "a", "--no-name"},
		 "unknown option '--no-name'",
		 "see 'chutes paint --help'"},
		{{"paint", "a", "--colour", "gren"},
		 "option '--colour' must be red, green or blue, not 'gren'",
		 "did you mean 'green'?"},
		{{"paint", "a", "--colour", ""},
		 "option '--colour' must be red, green or blue, not ''",
		 ""},
		{{"paint", "a", "--count", "12x"},
		 "option '--count' needs a whole number, not '12x'",
		 ""},
		{{"paint", "a", "--count="}, "option '--count' needs a whole number, not ''", ""},
		{{"paint", "a", "--count", "9223372036854775808"},
		 "option '--count': '9223372036854775808' is too large",
		 ""},
		{{"paint"}, "'chutes paint' needs FILE [MORE]", "usage: chutes paint FILE [MORE]"},
		{{"paint", "a", "b", "c"},
		 "unexpected argument 'c'",
		 "usage: chutes paint FILE [MORE]"},
		{{"many", "a"},
		 "'chutes many' needs FIRST REST...",
		 "usage: chutes many FIRST REST..."},
		{{"shell", "ls"},
		 "unexpected argument 'ls'",
		 "usage: chutes shell [-- COMMAND...]"},
		{{"paint", "a", "--format", "yaml"},
		 "option '--format' must be text, json or github, not 'yaml'",
		 ""},
		{{"shell", "--format", "github"},
		 "option '--format' must be text or json, not 'github'",
		 ""},
		{{"paint", "my.app:chute"},
		 "'my.app:chute' names a Python object, and 'chutes paint' reads chute.yaml",
		 "write one with 'chutes init' and move the settings of the Python file into it"},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct call call;
		struct error err = {0};

		CHECK(!parse(&call, rows[i].words, &err));
		CHECK(err.code == ERROR_USAGE);
		CHECK_TEXT(err.message, rows[i].message);
		CHECK_TEXT(err.hint, rows[i].hint);
		call_release(&call);
	}
}

TEST(variables_set_defaults)
{
	struct call call;
	struct error err = {0};

	setenv("CHUTES_FORMAT", "json", 1);
	setenv("GITHUB_ACTIONS", "0", 1);
	setenv("CHUTES_STRICT", "1", 1);
	CHECK_OK(PARSE(&call, &err, "paint", "a"), err);
	CHECK(call.globals.json && !call.globals.github && call.globals.strict);
	call_release(&call);
	CHECK_OK(PARSE(&call, &err, "paint", "a", "--format=text", "--no-strict"), err);
	CHECK(!call.globals.json && !call.globals.strict);
	call_release(&call);
	setenv("CHUTES_FORMAT", "xml", 1);
	CHECK(!PARSE(&call, &err, "paint", "a"));
	CHECK_TEXT(err.message, "variable 'CHUTES_FORMAT' must be text, json or github, not 'xml'");
	call_release(&call);
	unsetenv("CHUTES_FORMAT");
	setenv("CHUTES_PROGRESS", "loud", 1);
	CHECK(!PARSE(&call, &err, "paint", "a"));
	CHECK_TEXT(err.message,
		   "variable 'CHUTES_PROGRESS' must be auto, tty, plain or none, not 'loud'");
	call_release(&call);
	unsetenv("CHUTES_PROGRESS");
	unsetenv("GITHUB_ACTIONS");
	unsetenv("CHUTES_STRICT");
}

TEST(variables_of_a_command)
{
	struct call call;
	struct error err = {0};

	setenv("CHUTES_RUNTIME", "runc", 1);
	CHECK_OK(PARSE(&call, &err, "paint", "a"), err);
	CHECK_TEXT(((struct paint_options *)call.options)->runtime, "runc");
	call_release(&call);
	CHECK_OK(PARSE(&call, &err, "paint", "a", "--runtime", "crun"), err);
	CHECK_TEXT(((struct paint_options *)call.options)->runtime, "crun");
	call_release(&call);
	unsetenv("CHUTES_RUNTIME");
}

TEST(looks_are_seen_in_a_wrong_line)
{
	static const struct {
		const char *words[6];
		bool is_json;
		const char *color;
	} rows[] = {
		{{"nosuch", "--json"}, true, NULL},
		{{"--format", "json", "nosuch"}, true, NULL},
		{{"--format=json", "--color=never"}, true, "never"},
		{{"--color", "always", "-Z"}, false, "always"},
		{{"--color", "loud", "--format"}, false, NULL},
		{{"shell", "--", "--json"}, false, NULL},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct globals g = {0};

		command_read_looks(rows[i].words, &g);
		CHECK(g.json == rows[i].is_json);
		CHECK_TEXT(g.format, g.json ? "json" : "text");
		CHECK_TEXT(g.color ? g.color : "", rows[i].color ? rows[i].color : "");
	}
}

TEST(arguments_are_counted_from_their_text)
{
	static const struct {
		const char *text;
		size_t least, most;
	} rows[] = {
		{NULL, 0, 0},
		{"NAME", 1, 1},
		{"[NAME]", 0, 1},
		{"A B [C]", 2, 3},
		{"[FILE]...", 0, SIZE_MAX},
		{"A [B]... [C]", 1, SIZE_MAX},
		{"[-- CMD...]", 0, 0},
		{"A [-- CMD...]", 1, 1},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		size_t least;
		size_t most;

		command_count(rows[i].text, &least, &most);
		CHECK(least == rows[i].least);
		CHECK(most == rows[i].most);
	}
}
