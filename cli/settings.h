/* SPDX-License-Identifier: MIT
 * The configuration as a command line sees it.
 */
#ifndef CHUTES_CLI_SETTINGS_H
#define CHUTES_CLI_SETTINGS_H

#include "cli/command.h"
#include "lib/config/config.h"

/* With what the options say and the profile that a chute.yaml here names; warnings are printed.
 * There may be secrets among them: see process_guard(). */
must_use bool settings_load(const struct call *call, struct config *out, struct error *err);
/* What for. With a chute.yaml that does not load it is not known which profile is meant: who only
 * looks is warned, who signs or sends fails (as spec_load()), unless the server is named. */
enum settings_use { SETTINGS_TO_SHOW, SETTINGS_TO_SEND };
/* The same with what options that are not global say: `given` is changed. */
must_use bool settings_load_given(const struct call *call, struct config_options *given,
				  enum settings_use use, struct config *out, struct error *err);
/* The same without warnings: for who looks into all of that anyway. */
must_use bool settings_load_silently(const struct call *call, struct config *out,
				     struct error *err);
/* The value of an option if the command line itself gives it, else NULL. */
const char *settings_option(const struct call *call, const char *name);

extern const struct command config_set_command;
extern const struct command config_unset_command;
extern const struct command config_migrate_command;

#endif
