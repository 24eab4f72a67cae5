/* SPDX-License-Identifier: MIT
 * chutes config: what the settings are and who says so. Changing them is in a file of its own.
 */
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/settings.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"

struct list_options {
	bool shows_origin;
};
static const struct option_row list_rows[] = {
	OPT(0, "show-origin", FLAG, list_options, shows_origin, NULL,
	    "who says it: option, environment, project, file and line, default"),
	OPT_END};

/* A secret is there or not, more is not shown. */
static const char *shown(const struct config_row *row, const struct config_value *v)
{
	return row->is_secret && v->text ? "<redacted>" : v->text;
}

static void add_origin(struct text *t, const struct config_value *v)
{
	text_add(t, config_origin_name(v->origin));
	if (v->where)
		text_addf(t, " %s", v->where);
	if (v->line)
		text_addf(t, ":%zu", v->line);
}

static void write_json(struct json_out *j, const struct config_row *row,
		       const struct config_value *v)
{
	json_out_text(j, "name", row->name);
	json_out_text(j, "value", row->is_secret ? NULL : v->text);
	json_out_bool(j, "secret", row->is_secret);
	json_out_text(j, "origin", config_origin_name(v->origin));
	json_out_text(j, "where", v->where);
	if (v->line)
		json_out_number(j, "line", (int64_t)v->line);
	else
		json_out_text(j, "line", NULL);
}

static void print_setting(struct table *table, const struct config_row *row,
			  const struct config_value *v, bool shows_origin)
{
	auto_text origin = {0};

	table_add(table, "%s", row->name);
	table_add(table, "%s", shown(row, v));
	add_origin(&origin, v);
	if (shows_origin)
		table_add(table, "%s", text_str(&origin));
}

static bool run_list(struct call *call, struct error *err)
{
	const struct list_options *o = call->options;
	struct json_out *j = print_result();
	auto_config c = {0};
	auto_table table = {0};

	if (!settings_load(call, &c, err))
		return false;
	if (j)
		json_out_array(j, "settings");
	table_begin(&table, o->shows_origin ? "NAME|VALUE|ORIGIN" : "NAME|VALUE");
	for (int i = 0; i < CONFIG_N_SETTINGS; i++) {
		const struct config_row *row = config_row((enum config_setting)i);

		if (!c.values[i].text)
			continue;
		if (j) {
			json_out_object(j, NULL);
			write_json(j, row, &c.values[i]);
			json_out_object_end(j);
		} else if (call->globals.quiet) {
			print_line("%s", row->name);
		} else {
			print_setting(&table, row, &c.values[i], o->shows_origin);
		}
	}
	if (j)
		json_out_array_end(j);
	else if (!call->globals.quiet)
		print_table(&table);
	return true;
}

static const struct command config_list = {
	.name = "list",
	.summary = "list the settings that hold here",
	.about = "Every setting that has a value: by an option, the environment, the profile,\n"
		 "your file, the Python client's file or by default, the first of these that\n"
		 "says it. Of a secret only that it is there. With --quiet only the names.",
	.options = list_rows,
	.options_size = sizeof(struct list_options),
	.examples = {"chutes config list --show-origin",
		     "chutes config list --json | jq '.result.settings[].name'"},
	.exits = {ERROR_AUTH, ERROR_NOT_FOUND},
	.see_also = {"config get", "config set"},
	.aliases = "ls",
	.run = run_list,
};

static bool run_get(struct call *call, struct error *err)
{
	const struct config_row *row = NULL;
	auto_config c = {0};

	if (!config_row_find(call->args.items[0], &row, err) || !settings_load(call, &c, err))
		return false;
	const struct config_value *v = &c.values[row->setting];

	if (!v->text) {
		fail(err, ERROR_NOT_FOUND, "'%s' is not set", row->name);
		return fail_hint(err, "'chutes config set %s' sets it", row->name);
	}
	if (row->is_secret && !print_is_json()) {
		fail(err, ERROR_AUTH, "'%s' is a secret, which is never shown", row->name);
		return fail_hint(err, "'chutes config list --show-origin' tells where it is");
	}
	if (print_result())
		write_json(print_result(), row, v);
	else
		print_line("%s", v->text);
	return true;
}

static const struct command config_get = {
	.name = "get",
	.arguments = "SETTING",
	.summary = "show the value of one setting",
	.about = "The value that holds here, whoever says it. A secret is never shown; with\n"
		 "--json one sees whether it is set and where.",
	.examples = {"chutes config get api.base_url",
		     "chutes config get api.base_url --json | jq -r .result.origin"},
	.exits = {ERROR_AUTH, ERROR_NOT_FOUND},
	.see_also = {"config list"},
	.run = run_get,
};

static bool run_path(struct call *call, struct error *err)
{
	struct json_out *j = print_result();
	auto_config_paths paths = {0};

	if (!config_paths_find(settings_option(call, "config-path"), &paths, err))
		return false;
	if (!j) {
		print_line("%s", paths.user);
		return true;
	}
	json_out_text(j, "path", paths.user);
	json_out_bool(j, "exists", file_exists(paths.user));
	json_out_text(j, "credentials", paths.credentials);
	json_out_text(j, "legacy", paths.legacy);
	return true;
}

static const struct command config_path = {
	.name = "path",
	.summary = "show where the configuration is",
	.about = "Shows the path of your file, whether it exists or not. The JSON document also\n"
		 "names the file of secrets beside it and the file of the Python client, which\n"
		 "is read where yours says nothing. CHUTES_CONFIG_PATH or --config-path names\n"
		 "one file to be read instead of all three.",
	.examples = {"chutes config path", "$EDITOR \"$(chutes config path)\""},
	.exits = {ERROR_MISSING},
	.see_also = {"config list"},
	.run = run_path,
};

static const struct command *const config_commands[] = {&config_list,
							&config_get,
							&config_set_command,
							&config_unset_command,
							&config_path,
							&config_migrate_command,
							NULL};

const struct command command_config = {
	.name = "config",
	.summary = "show and change settings: server, profiles, keys",
	.about = "Which server, as whom and with which key. A value is looked for in this order:\n"
		 "option, environment, profile, config.ini, ~/.chutes/config.ini of the Python\n"
		 "client, default. A chute.yaml may name the profile and nothing else. 'chutes\n"
		 "help settings' lists the settings.",
	.examples = {"chutes config list --show-origin",
		     "chutes config set api.base_url http://127.0.0.1:8600 --profile home"},
	.see_also = {"help"},
	.group = GROUP_ACCOUNT,
	.sub = config_commands,
};
