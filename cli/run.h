/* SPDX-License-Identifier: MIT
 * What the files of `chutes run` share.
 */
#ifndef CHUTES_CLI_RUN_H
#define CHUTES_CLI_RUN_H

#include "cli/running.h"

/* Run the job `name` with `args` (JSON, "@FILE", "-"; NULL: those of dev.job_args) to its end. What
 * it leaves comes into `output` (NULL: "./out"). */
must_use bool run_job(const struct call *call, const struct running_options *o, const char *name,
		      const char *args, const char *output, struct error *err);

#endif
