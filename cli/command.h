/* SPDX-License-Identifier: MIT
 * Commands and options as const data. Parser, help, man pages, completion and the JSON description
 * are walks over these rows, so they cannot disagree.
 *
 * To add a command:
 *   1. cli/NAME.c: a struct for its options, the rows, `run`, and the command itself:
 *
 *	struct paint_options {
 *		const char *colour;
 *		struct strings labels;
 *	};
 *	static const struct option_row paint_rows[] = {
 *		OPT('c', "colour", CHOICE, paint_options, colour, "red|blue", "what to paint with"),
 *		OPT('l', "label", LIST, paint_options, labels, "NAME", "put NAME on it (repeat)"),
 *		OPT_END};
 *	static bool run(struct call *call, struct error *err)
 *	{
 *		const struct paint_options *o = call->options;
 *		…
 *	}
 *	const struct command command_paint = {.name = "paint", .arguments = "FILE", …, .run = run};
 *
 *   2. cli/commands.h: declare it; cli/commands.c: its place in the command line.
 *   3. cli/meson.build: the file and its man page; tests/cli/test_paint.py.
 *
 * Output goes through cli/print.h and nowhere else.
 */
#ifndef CHUTES_CLI_COMMAND_H
#define CHUTES_CLI_COMMAND_H

#include "lib/base/compiler.h"
#include "lib/base/env.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"

/* The type of an option and of the member that it fills. */
enum option_type {
	OPTION_FLAG,     /* bool; "--x" and "--no-x" */
	OPTION_TEXT,     /* const char *, borrowed from argv; NULL: not given */
	OPTION_NUMBER,   /* int64_t, decimal */
	OPTION_LIST,     /* struct strings; repeated, and several in one value with commas */
	OPTION_REPEAT,   /* struct strings; repeated, commas belong to the value */
	OPTION_CHOICE,   /* const char *, one word of `argument`: "text|json" */
	OPTION_DURATION, /* uint64_t milliseconds: "30s", "10m" */
	OPTION_SIZE,     /* uint64_t bytes: "512MiB" */
};

struct option_row {
	char key; /* the short form, or 0 */
	const char *name;
	enum option_type type;
	size_t offset;        /* of the member in the command's options */
	const char *argument; /* "FILE"; NULL for a flag */
	const char *help;     /* lower case, no full stop */
	bool has_env;         /* the default comes from the variable `env` */
	enum env_name env;
};

typedef bool option_c_flag;
typedef const char *option_c_text;
typedef int64_t option_c_number;
typedef struct strings option_c_list;
typedef struct strings option_c_repeat;
typedef const char *option_c_choice;
typedef uint64_t option_c_duration;
typedef uint64_t option_c_size;
#define OPTION_C_FLAG     option_c_flag
#define OPTION_C_TEXT     option_c_text
#define OPTION_C_NUMBER   option_c_number
#define OPTION_C_LIST     option_c_list
#define OPTION_C_REPEAT   option_c_repeat
#define OPTION_C_CHOICE   option_c_choice
#define OPTION_C_DURATION option_c_duration
#define OPTION_C_SIZE     option_c_size

/* offsetof, which does not compile when the member is not of the row's type. */
#define OPTION_OFFSET(type, where, member)                                                         \
	(offsetof(struct where, member) +                                                          \
	 0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((struct where *)0)->member),     \
						      OPTION_C_##type)                             \
				 ? 1                                                               \
				 : -1]))
#define OPT(key, name, type, where, member, argument, help)                                        \
	{                                                                                          \
		key, name, OPTION_##type, OPTION_OFFSET(type, where, member), argument, help,      \
			false, ENV_N_NAMES                                                         \
	}
#define OPT_ENV(key, name, type, where, member, argument, help, env)                               \
	{                                                                                          \
		key, name, OPTION_##type, OPTION_OFFSET(type, where, member), argument, help,      \
			true, env                                                                  \
	}
#define OPT_END                                                                                    \
	{                                                                                          \
		.name = NULL                                                                       \
	}

enum command_group {
	GROUP_START,
	GROUP_BUILD,
	GROUP_SHIP,
	GROUP_OPERATE,
	GROUP_ACCOUNT,
	GROUP_TOOLS,
	GROUP_N
};
const char *command_group_title(enum command_group group);

struct call;

struct command {
	const char *name;
	const char *arguments; /* "NAME [FILE]... [-- COMMAND...]"; NULL: none. Counted from here */
	const char *summary;   /* one line, lower case, no full stop */
	const char *about;     /* two lines or more, sentences */
	const struct option_row *options; /* ended by OPT_END; NULL: none */
	size_t options_size;              /* of the struct that the rows fill */
	const void *defaults;             /* such a struct; NULL: all zero */
	const char *formats;              /* words --format takes here; NULL: "text|json" */
	const char *examples[6];          /* whole lines; one for a terminal, one for a pipeline */
	enum error_code exits[12]; /* besides 0, FAILURE and USAGE, which every command has */
	const char *see_also[6];   /* "run", "images list" */
	const char *aliases;       /* "ls|inspect": accepted, shown nowhere */
	enum command_group group;
	bool is_hidden;
	bool hints_module; /* takes what the Python client wants as MODULE:NAME; answer with a hint
			    */
	bool (*run)(struct call *call, struct error *err);
	const struct command *const *sub; /* NULL-terminated */
	const struct command *fallback;   /* the one of `sub` that runs when none is named */
};

/* Flags that every command takes. No command declares one of these names again; it may take a short
 * form for itself (docker's -f and -v). */
struct globals {
	const char *file;      /* -f: the spec; "-" is stdin; NULL: look for chute.yaml */
	const char *overlay;   /* NULL: none */
	const char *directory; /* -C; already changed to */
	const char *profile;   /* these three: NULL, or what lib/config is told */
	const char *api_url;
	const char *config_path;
	const char *proxy; /* NULL: as the environment says */
	const char *ca_file;
	const char *format; /* never NULL once parsed */
	bool json;
	bool plain;
	bool no_header;
	bool quiet;
	bool debug;
	uint64_t timeout_ms; /* 0: none. Honoured by what waits, with TIMEOUT */
	const char *color;
	const char *progress;
	const char *store; /* NULL: the default place */
	bool strict;
	bool no_input;
	bool github;
	bool help;
	bool version;
};
extern const struct option_row global_rows[];

/* One command line, parsed. */
struct call {
	const struct command *root;
	const struct command *command;
	char name[64]; /* "images list" */
	struct globals globals;
	void *options;          /* the command's own struct */
	uint64_t given;         /* a bit for each of its rows that the command line names */
	uint64_t given_globals; /* likewise of the globals */
	struct strings args;    /* arguments in order */
	struct strings behind;  /* what stands behind "--", where `arguments` has a "--" */
	char *plugin;           /* a program of others that is the command, or NULL */
	int plugin_at;          /* its name in argv; what stands behind is not parsed */
	int exit_status;        /* set by run() instead of the one of success or of the error */
};

/* Fill `call` (zeroed) from argv. USAGE with a hint for everything that the rows do not allow.
 * `call` is to be released in any case. */
must_use bool command_parse(const struct command *root, int argc, const char *const *argv,
			    struct call *call, struct error *err);
void call_release(struct call *call);

/* Go down to a sub-command: name and options of `call` become its. */
void command_enter(struct call *call, const struct command *command);

/* How the failure of a command line that cannot be parsed shall look: format and colour, as far as
 * one can tell. `words` are argv without the program's name, ended by NULL. */
void command_read_looks(const char *const *words, struct globals *g);
/* The sub-command of that name or alias; NULL if there is none. */
const struct command *command_find(const struct command *parent, const char *name);
/* Number of arguments allowed by "NAME [FILE]...": `most` is SIZE_MAX for "...". */
void command_count(const char *arguments, size_t *least, size_t *most);
/* The words --format takes for this command. */
const char *command_formats(const struct command *command);

/* Parse, run, print what is left to print; returns the exit status of the process. */
must_use int command_main(const struct command *root, int argc, char **argv);

#endif
