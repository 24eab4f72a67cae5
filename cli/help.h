/* SPDX-License-Identifier: MIT
 * The rows as help texts of at most 80 columns, and the JSON description of the command line.
 */
#ifndef CHUTES_CLI_HELP_H
#define CHUTES_CLI_HELP_H

#include "cli/command.h"
#include "lib/base/findings.h"
#include "lib/base/text.h"

/* --help: the text of the call's command; the overview for the root. */
must_use bool help_command(struct call *call, struct error *err);
/* --version */
must_use bool help_version(struct call *call, struct error *err);
/* What `chutes` alone answers: the overview on stderr. */
void help_overview(const struct command *root);

/* A topic of `chutes help TOPIC`: "exit-codes". */
struct help_topic {
	const char *name;
	const char *summary;
	void (*write)(struct text *out);
};
/* i from 0 until NULL */
const struct help_topic *help_topic_at(size_t i);
/* The keys of chute.yaml. */
void help_add_spec(struct text *out);
/* The settings of the configuration. */
void help_add_settings(struct text *out);
/* How requests are signed. */
void help_add_signing(struct text *out);
/* One key of chute.yaml with all below it; `word` may also be what messages call such a mapping. */
must_use bool help_add_spec_key(struct text *out, const char *word, struct error *err);
struct field;
/* Type and limits of a key: "whole number 0 to 8". */
void help_add_key_type(struct text *out, const struct field *row);
/* Its default, "300 s"; nothing when there is none. */
void help_add_key_default(struct text *out, const struct field *row);
/* All of it, with an example: "whole number 0 to 8; default 1; as in 2". */
void help_add_key_facts(struct text *out, const struct field *row);
/* What a finding's code means: `chutes help E110`. */
void help_add_finding(struct text *out, const struct finding_row *row);

/* "  -t, --tag NAME" with its help in a column beside it, wrapped. */
void help_add_options(struct text *out, const struct option_row *rows);
/* "--tag NAME", "--format text|json" */
void help_add_option_name(struct text *out, const struct option_row *row);
/* The help of an option with the variable that sets its default. */
void help_add_option_help(struct text *out, const struct option_row *row);
/* A name and, in a column beside it, its explanation. */
void help_add_pair(struct text *out, const char *name, const char *explanation);
/* Words wrapped at 80 columns, each line indented. Newlines in `words` are kept. */
void help_add_wrapped(struct text *out, size_t indent, const char *words);
/* The i-th exit status of a command, GENERAL ones included; false behind the last. */
bool help_exit_at(const struct command *command, size_t i, int *status, const char **sentence);

/* `chutes help --json`: every command, option, exit status and variable; of the commands only `one`
 * unless that is the root. */
void help_add_json(struct text *out, const struct command *root, const struct command *one);

#endif
