/* SPDX-License-Identifier: MIT
 * The command line, top down.
 */
#include "cli/commands.h"

static const struct command *const commands[] = {
	&command_init,
	&command_doctor,
	&command_import,
	&command_validate,
	&command_explain,
	&command_schema,
	&command_fmt,
	&command_lock,
	&command_render,
	&command_build,
	&command_run,
	&command_ps,
	&command_logs,
	&command_stop,
	&command_invoke,
	&command_test,
	&command_shell,
	&command_images,
	&command_config,
	&command_wallet,
	&command_auth,
	&command_request,
	&command_id,
	&command_sign,
	&command_verify_signature,
	&command_help,
	&command_version,
	&command_completion,
	&command_complete,
	&command_docs,
	NULL,
};

const struct command command_root = {
	.name = "chutes",
	.summary = "from one YAML file to an image that runs",
	.about = "Builds a real OCI image from a chute.yaml and runs it, without Docker and\n"
		 "without root.",
	.examples = {"chutes init", "chutes run"},
	.sub = commands,
};
