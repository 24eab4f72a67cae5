/* SPDX-License-Identifier: MIT
 * Commands that are programs of others: `chutes foo` is chutes-foo on PATH where nothing of ours is
 * called foo, as git and kubectl do it.
 */
#ifndef CHUTES_CLI_PLUGIN_H
#define CHUTES_CLI_PLUGIN_H

#include "cli/command.h"

/* The program of that name; NULL: there is none. Caller frees. */
must_use char *plugin_find(const char *name);
/* Become `call->plugin`: what stands behind its name is its own, and options in front of it reach
 * it as the variables that they are in place of. Returns only on failure. USAGE for an option in
 * front of it that has no variable. */
must_use bool plugin_run(const struct call *call, char *const *argv, struct error *err);

#endif
