/* SPDX-License-Identifier: MIT */
#include "cli/settings.h"

#include "cli/print.h"
#include "lib/base/process.h"
#include "lib/spec/spec.h"

#include <string.h>

const char *settings_option(const struct call *call, const char *name)
{
	for (size_t i = 0; global_rows[i].name; i++)
		if (strcmp(global_rows[i].name, name) == 0 && call->given_globals >> i & 1)
			return *(const char *const *)((const char *)&call->globals +
						      global_rows[i].offset);
	return NULL;
}

/* False for a chute.yaml that does not load: whether it names a profile is not known then. */
static bool read_project(const struct call *call, struct spec *spec, struct config_options *o,
			 struct error *err)
{
	auto_findings findings = {0};
	const struct spec_options options = {.file = call->globals.file,
					     .overlay = call->globals.overlay};

	if (spec_load(&options, spec, &findings, err)) {
		o->project_file = spec->file;
		o->project_profile = spec->profile;
		return true;
	}
	if (!options.file && err->code == ERROR_NOT_FOUND)
		return true;
	return fail_in(err, "whether chute.yaml names a profile is not known");
}

/* Said so that no profile changes it. */
static bool names_server(const struct config_options *o)
{
	return o->values[CONFIG_BASE_URL] || env_get(ENV_CHUTES_API_URL);
}

static bool load(const struct call *call, struct config_options *given, enum settings_use use,
		 struct text *warning, struct config *out, struct error *err)
{
	auto_spec spec = {0};
	struct error why;

	process_guard();
	given->path = settings_option(call, "config-path");
	for (int i = 0; i < CONFIG_N_SETTINGS; i++) {
		const struct config_row *row = config_row((enum config_setting)i);

		if (row->option && !given->values[i])
			given->values[i] = settings_option(call, row->option + strlen("--"));
	}
	if (!given->values[CONFIG_PROFILE] && !env_get(ENV_CHUTES_PROFILE) &&
	    !read_project(call, &spec, given, &why)) {
		if (use == SETTINGS_TO_SEND && !names_server(given)) {
			*err = why;
			return fail_hint(err, "name the profile with --profile, or with -C a "
					      "directory without that file");
		}
		text_add(warning, why.message);
	}
	return config_load(given, out, err);
}

bool settings_load_given(const struct call *call, struct config_options *given,
			 enum settings_use use, struct config *out, struct error *err)
{
	auto_text warning = {0};
	bool ok = load(call, given, use, &warning, out, err);

	if (warning.len)
		print_warning("%s", text_str(&warning));
	for (size_t i = 0; ok && i < out->warnings.n; i++)
		print_warning("%s", out->warnings.items[i]);
	return ok;
}

bool settings_load(const struct call *call, struct config *out, struct error *err)
{
	struct config_options none = {0};

	return settings_load_given(call, &none, SETTINGS_TO_SHOW, out, err);
}

bool settings_load_silently(const struct call *call, struct config *out, struct error *err)
{
	struct config_options none = {0};
	auto_text ignored = {0};

	return load(call, &none, SETTINGS_TO_SHOW, &ignored, out, err);
}
