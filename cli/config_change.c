/* SPDX-License-Identifier: MIT
 * chutes config set, unset, migrate. A secret never comes from the command line, where others see
 * it.
 */
#include "cli/print.h"
#include "cli/secret_input.h"
#include "cli/settings.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/config/ini.h"

#include <string.h>

struct change_options {
	bool is_dry_run;
};
#define DRY_RUN_ROW(where)                                                                         \
	OPT('n', "dry-run", FLAG, where, is_dry_run, NULL,                                         \
	    "check everything and say what would be written")
static const struct option_row change_rows[] = {DRY_RUN_ROW(change_options), OPT_END};

struct set_options {
	const char *variable;
	bool is_dry_run;
};
static const struct option_row set_rows[] = {OPT(0, "from-env", TEXT, set_options, variable,
						 "VARIABLE",
						 "take the value from this environment variable"),
					     DRY_RUN_ROW(set_options), OPT_END};

static bool read_file(const char *path, char **out, struct error *err)
{
	auto_text text = {.max = INI_VALUE_MAX + 2};

	if (!file_read(path, INI_VALUE_MAX + 1, &text, err))
		return false;
	size_t len = text.len;

	while (len && strchr("\r\n", text.bytes[len - 1]))
		len--;
	*out = xstrndup(text_str(&text), len);
	return true;
}

static bool read_variable(const char *name, char **out, struct error *err)
{
	const char *value = env_find(name);

	if (!value)
		return fail(err, ERROR_USAGE, "variable '%s' is not set", name);
	*out = xstrdup(value);
	return true;
}

static bool fail_values(const struct config_row *row, struct error *err)
{
	fail(err, ERROR_USAGE, "'%s' needs one value", row->name);
	return fail_hint(err, "as VALUE, '-' for standard input, '@FILE', or --from-env VARIABLE");
}

/* `word` may be NULL: then it is asked for. */
static bool read_secret(const struct config_row *row, const char *word, char **out,
			struct error *err)
{
	auto_free char *what = xprintf("'%s'", row->name);
	auto_free char *question = xprintf("%s: ", row->help);
	auto_secret secret = {0};

	if (word ? !secret_input_read(word, what, &secret, err)
		 : !secret_input_ask(question, "'-' for standard input, '@FILE', or --from-env",
				     &secret, err))
		return false;
	*out = xstrndup((const char *)secret.bytes, secret.len);
	return true;
}

static bool read_value(const struct call *call, const struct config_row *row, char **out,
		       struct error *err)
{
	const struct set_options *o = call->options;
	const char *word = call->args.n > 1 ? call->args.items[1] : NULL;

	if (word && o->variable)
		return fail_values(row, err);
	if (o->variable)
		return read_variable(o->variable, out, err);
	if (row->is_secret)
		return read_secret(row, word, out, err);
	if (!word)
		return fail_values(row, err);
	if (strcmp(word, "-") == 0)
		return read_file(word, out, err);
	if (*word == '@')
		return read_file(word + 1, out, err);
	*out = xstrdup(word);
	return true;
}

static bool find_place(const struct call *call, bool is_dry_run, struct config_place *out,
		       struct error *err)
{
	const struct config_row *row = NULL;

	if (!config_row_find(call->args.items[0], &row, err))
		return false;
	*out = (struct config_place){.path = settings_option(call, "config-path"),
				     .profile = settings_option(call, "profile"),
				     .row = row,
				     .is_dry_run = is_dry_run};
	return true;
}

/* Where it was, or would be, written. */
static void tell_file(bool is_dry_run, const char *file)
{
	print_line("%s%s", is_dry_run ? "would write " : "", file);
}

static void report(const struct config_place *place, const char *file)
{
	struct json_out *j = print_result();

	if (j) {
		json_out_text(j, "name", place->row->name);
		json_out_text(j, "profile", place->profile);
		json_out_bool(j, "dry_run", place->is_dry_run);
		json_out_text(j, "file", file);
	}
	tell_file(place->is_dry_run, file);
}

static bool run_set(struct call *call, struct error *err)
{
	const struct set_options *o = call->options;
	struct config_place place = {0};
	auto_wipe char *value = NULL;
	auto_free char *file = NULL;

	if (!find_place(call, o->is_dry_run, &place, err) ||
	    !read_value(call, place.row, &value, err) || !config_set(&place, value, &file, err))
		return false;
	report(&place, file);
	if (place.row->env != ENV_N_NAMES && env_get(place.row->env))
		print_warning("the variable %s wins over it", env_row(place.row->env)->variable);
	return true;
}

const struct command config_set_command = {
	.name = "set",
	.arguments = "SETTING [VALUE]",
	.summary = "set a value in your file",
	.about = "Writes into config.ini, a secret into the file 'credentials' beside it; with\n"
		 "--profile into the section of that profile, which is made where there is none.\n"
		 "The rest of the file stays as it is. VALUE may be '-' for standard input or\n"
		 "@FILE. A secret comes in no other way than these, from descriptor N (fd:N),\n"
		 "from a variable, or, without VALUE, from a question whose answer is not shown.\n"
		 "Shows the file.",
	.options = set_rows,
	.options_size = sizeof(struct set_options),
	.examples = {"chutes config set wallet.name me", "chutes config set auth.api_key",
		     "chutes config set auth.api_key @key.txt --profile ci",
		     "chutes config set auth.api_key --from-env KEY"},
	.exits = {ERROR_AUTH, ERROR_NOT_FOUND, ERROR_MISSING},
	.see_also = {"config list", "config unset"},
	.run = run_set,
};

static bool run_unset(struct call *call, struct error *err)
{
	const struct change_options *o = call->options;
	struct config_place place = {0};
	auto_free char *file = NULL;

	if (!find_place(call, o->is_dry_run, &place, err) || !config_unset(&place, &file, err))
		return false;
	report(&place, file);
	return true;
}

const struct command config_unset_command = {
	.name = "unset",
	.arguments = "SETTING",
	.summary = "take a value out of your file",
	.about = "Removes the value that 'chutes config set' writes, with --profile from the\n"
		 "section of that profile. Shows the file.",
	.options = change_rows,
	.options_size = sizeof(struct change_options),
	.examples = {"chutes config unset client.profile",
		     "chutes config unset auth.api_key --profile ci"},
	.exits = {ERROR_AUTH, ERROR_NOT_FOUND, ERROR_MISSING},
	.see_also = {"config list", "config set"},
	.run = run_unset,
};

static bool run_migrate(struct call *call, struct error *err)
{
	const struct change_options *o = call->options;
	struct json_out *j = print_result();
	struct config_migrated done = {0};
	auto_config_paths paths = {0};

	if (settings_option(call, "config-path")) {
		fail(err, ERROR_USAGE, "the copy goes where the configuration usually is");
		return fail_hint(err, "leave out --config-path");
	}
	if (!config_migrate(o->is_dry_run, &done, err))
		return false;
	paths = done.paths;
	if (j) {
		json_out_text(j, "from", paths.legacy);
		json_out_text(j, "file", paths.user);
		json_out_text(j, "credentials", done.has_secret ? paths.credentials : NULL);
		json_out_bool(j, "dry_run", o->is_dry_run);
	}
	tell_file(o->is_dry_run, paths.user);
	if (done.has_secret)
		tell_file(o->is_dry_run, paths.credentials);
	print_status("kept", "%s", paths.legacy);
	if (done.is_open_to_others) {
		auto_free char *advice = path_chmod_advice("600", paths.legacy);

		print_warning("others than you can read the secret in '%s': %s", paths.legacy,
			      advice);
	}
	return true;
}

const struct command config_migrate_command = {
	.name = "migrate",
	.summary = "copy the Python client's file to where yours is",
	.about = "Copies ~/.chutes/config.ini: the seed into the file 'credentials', everything\n"
		 "else that is known here into config.ini, both readable by you alone. The\n"
		 "Python client's file stays as it is, and is read on where yours says nothing.\n"
		 "Shows what was written.",
	.options = change_rows,
	.options_size = sizeof(struct change_options),
	.examples = {"chutes config migrate", "chutes config migrate --json | jq -r .result.file"},
	.exits = {ERROR_AUTH, ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_MISSING},
	.see_also = {"config list", "config path"},
	.run = run_migrate,
};
