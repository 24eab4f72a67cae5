/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/project.h"
#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/oci/oci.h"

#include <string.h>

struct build_command {
	const char *name;
	bool checks;
	bool no_cache;
	const char *compression;
	const char *runtime;
	bool no_host_network_config;
	const char *iidfile;
};

static const struct option_row rows[] = {
	OPT('t', "tag", TEXT, build_command, name, "NAME:TAG",
	    "name the image so, not as the spec says"),
	OPT(0, "check", FLAG, build_command, checks, NULL,
	    "fail if the image breaks an image rule"),
	OPT(0, "no-cache", FLAG, build_command, no_cache, NULL, "run every step again"),
	OPT(0, "compression", CHOICE, build_command, compression, "gzip|zstd|none",
	    "how layers are compressed (default gzip, which every reader takes)"),
	OPT_ENV(0, "runtime", TEXT, build_command, runtime, "PROGRAM",
		"the OCI runtime that runs the steps", ENV_CHUTES_RUNTIME),
	OPT(0, "no-host-network-config", FLAG, build_command, no_host_network_config, NULL,
	    "do not lend proxy, CA and mirror settings to steps"),
	OPT(0, "iidfile", TEXT, build_command, iidfile, "FILE", "write the image's digest to FILE"),
	OPT_END};

static bool report(const struct build_command *o, const struct build_result *r,
		   const struct globals *globals, struct error *err)
{
	struct json_out *j = print_result();
	auto_free char *size = project_size(r->size_bytes);

	if (o->iidfile && !file_save(o->iidfile, r->manifest.digest.text,
				     strlen(r->manifest.digest.text), 0644, err))
		return false;
	if (j) {
		json_out_text(j, "name", r->name);
		json_out_text(j, "digest", r->manifest.digest.text);
		json_out_number(j, "size", (int64_t)r->size_bytes);
		json_out_number(j, "steps", (int64_t)r->n_steps);
		json_out_number(j, "cached", (int64_t)r->n_cached);
		json_out_text(j, "log", r->log_path);
	} else if (globals->quiet) {
		print_line("%s", r->manifest.digest.text);
	} else {
		print_line("image  %s  %s  %s", r->name, size, r->manifest.digest.text);
	}
	return true;
}

static bool build(struct call *call, const struct build_command *o, struct build_result *r,
		  struct error *err)
{
	auto_spec spec = {0};
	auto_store struct store *store = NULL;
	struct build_options bo = {
		.name = o->name,
		.runtime = o->runtime,
		.ignores_cache = o->no_cache,
		.lends_nothing = o->no_host_network_config,
		.checks_rules = true,
		.timeout_ms = call->globals.timeout_ms,
	};
	struct reference reference = {0};

	if (o->name) {
		bool is_name = reference_parse(o->name, &reference, err);

		reference_release(&reference);
		if (!is_name)
			return fail_in(err, "--tag"), err->code = ERROR_USAGE, false;
	}
	if (!compression_parse(o->compression ? o->compression : "gzip", &bo.compression, err) ||
	    !project_spec(call, &spec, err) || !project_store(call, &store, err))
		return false;
	bo.store = store;
	bo.spec = &spec;
	interrupt_catch();
	if (!project_build(&bo, false, r, err))
		return false;
	/* without --check a rule that is broken does not break the build */
	for (size_t i = 0; !o->checks && !call->globals.strict && i < r->rules.n; i++)
		r->rules.items[i].severity = SEVERITY_WARNING;
	print_findings(&r->rules);
	if (!report(o, r, &call->globals, err))
		return false;
	if (findings_pass(&r->rules, err)) {
		print_next("chutes run");
		return true;
	}
	err->code = ERROR_BUILD;
	return false;
}

static bool run(struct call *call, struct error *err)
{
	struct build_result r = {0};
	bool ok = build(call, call->options, &r, err);

	build_result_release(&r);
	return ok;
}

const struct command command_build = {
	.name = "build",
	.summary = "make the chute's image in the local store",
	.about = "Builds the image that chute.yaml describes: natively, without Docker, without\n"
		 "a daemon, and without root where the kernel allows it. What did not change is\n"
		 "taken from the cache. With SOURCE_DATE_EPOCH set the digest is reproducible.",
	.options = rows,
	.options_size = sizeof(struct build_command),
	.examples = {"chutes build", "chutes build --json | jq -r .result.digest",
		     "SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) chutes build --check"},
	.exits = {ERROR_SPEC, ERROR_NOT_FOUND, ERROR_TIMEOUT, ERROR_NETWORK, ERROR_BUILD,
		  ERROR_MISSING, ERROR_INTERRUPTED},
	.see_also = {"run", "shell", "images", "validate"},
	.group = GROUP_BUILD,
	.hints_module = true,
	.run = run,
};
