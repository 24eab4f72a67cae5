/* SPDX-License-Identifier: MIT
 * What the commands that work on a chute have in common: its spec, the store, its image.
 */
#ifndef CHUTES_CLI_PROJECT_H
#define CHUTES_CLI_PROJECT_H

#include "cli/command.h"
#include "lib/build/build.h"
#include "lib/spec/spec.h"
#include "lib/store/store.h"

/* The spec that -f names or that is found upward; its findings are printed. */
must_use bool project_spec(const struct call *call, struct spec *out, struct error *err);
/* The same for a command that runs the image: a prebuilt one may be in the store. */
must_use bool project_spec_to_run(const struct call *call, struct store *s, struct spec *out,
				  struct error *err);
/* The same for a command that builds nothing here and sends the chute away. */
must_use bool project_hosted_spec(const struct call *call, struct spec *out, struct error *err);
/* The same for a command that only looks: warnings are what
 * validate is for. */
must_use bool project_any_spec(const struct call *call, struct spec *out, struct error *err);
/* The store of --store, CHUTES_STORE or the default. */
must_use bool project_store(const struct call *call, struct store **out, struct error *err);
/* USAGE unless all of --env are "NAME=VALUE". */
must_use bool project_check_env(const struct strings *entries, struct error *err);
/* An image of the store by name or digest; NOT_FOUND with a hint when there is none. */
must_use bool project_image(struct store *s, const char *name, struct store_image *out,
			    struct error *err);
/* Build, or find a prebuilt image, with one status line per step on stderr; with `is_brief` only
 * what takes time is shown. A failure prints the failing step's last lines, its place in the spec
 * and the log's name. */
must_use bool project_build(const struct build_options *o, bool is_brief, struct build_result *out,
			    struct error *err);
/* "61 MB" as text of the caller. */
must_use char *project_size(uint64_t bytes);

#endif
