/* SPDX-License-Identifier: MIT
 * Every command there is, one per file.
 */
#ifndef CHUTES_CLI_COMMANDS_H
#define CHUTES_CLI_COMMANDS_H

#include "cli/command.h"

extern const struct command command_root;
extern const struct command command_auth;
extern const struct command command_build;
extern const struct command command_complete;
extern const struct command command_completion;
extern const struct command command_config;
extern const struct command command_docs;
extern const struct command command_doctor;
extern const struct command command_explain;
extern const struct command command_fmt;
extern const struct command command_help;
extern const struct command command_id;
extern const struct command command_images;
extern const struct command command_import;
extern const struct command command_init;
extern const struct command command_invoke;
extern const struct command command_lock;
extern const struct command command_logs;
extern const struct command command_ps;
extern const struct command command_render;
extern const struct command command_request;
extern const struct command command_run;
extern const struct command command_schema;
extern const struct command command_shell;
extern const struct command command_sign;
extern const struct command command_stop;
extern const struct command command_test;
extern const struct command command_validate;
extern const struct command command_verify_signature;
extern const struct command command_version;
extern const struct command command_wallet;

/* The shells that `completion` knows: i from 0 until NULL. */
const char *completion_shell_at(size_t i);

#endif
