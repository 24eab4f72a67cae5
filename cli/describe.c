/* SPDX-License-Identifier: MIT
 * The command line as one JSON document, for programs that wrap or document it.
 */
#include "cli/help.h"
#include "lib/data/json_out.h"

static void add_options(struct json_out *j, const struct option_row *rows)
{
	static const char *const types[] = {"flag",   "text",   "number",   "list",
					    "repeat", "choice", "duration", "size"};

	json_out_array(j, "options");
	for (const struct option_row *r = rows; r && r->name; r++) {
		const char key[2] = {r->key, '\0'};

		json_out_object(j, NULL);
		json_out_text(j, "name", r->name);
		json_out_text(j, "key", r->key ? key : NULL);
		json_out_text(j, "type", types[r->type]);
		json_out_text(j, "argument", r->argument);
		json_out_text(j, "help", r->help);
		json_out_text(j, "variable", r->has_env ? env_row(r->env)->variable : NULL);
		json_out_object_end(j);
	}
	json_out_array_end(j);
}

static void add_command(struct json_out *j, const struct command *c)
{
	int status;
	const char *sentence;

	json_out_object(j, NULL);
	json_out_text(j, "name", c->name);
	json_out_text(j, "group", command_group_title(c->group));
	json_out_text(j, "summary", c->summary);
	json_out_text(j, "about", c->about);
	json_out_text(j, "arguments", c->arguments);
	json_out_text(j, "formats", command_formats(c));
	add_options(j, c->options);
	json_out_array(j, "examples");
	for (size_t i = 0; i < array_len(c->examples) && c->examples[i]; i++)
		json_out_text(j, NULL, c->examples[i]);
	json_out_array_end(j);
	json_out_array(j, "exit_codes");
	for (size_t i = 0; help_exit_at(c, i, &status, &sentence); i++)
		json_out_number(j, NULL, status);
	json_out_array_end(j);
	json_out_array(j, "see_also");
	for (size_t i = 0; i < array_len(c->see_also) && c->see_also[i]; i++)
		json_out_text(j, NULL, c->see_also[i]);
	json_out_array_end(j);
	json_out_array(j, "commands");
	for (const struct command *const *s = c->sub; s && *s; s++)
		if (!(*s)->is_hidden)
			add_command(j, *s);
	json_out_array_end(j);
	json_out_object_end(j);
}

void help_add_json(struct text *out, const struct command *root, const struct command *one)
{
	auto_json_out j = {0};

	json_out_object(&j, NULL);
	json_out_text(&j, "schema", "chutes.help/v1");
	json_out_bool(&j, "ok", true);
	json_out_text(&j, "version", CHUTES_VERSION);
	add_options(&j, global_rows);
	json_out_array(&j, "commands");
	if (one != root)
		add_command(&j, one);
	for (const struct command *const *c = one == root ? root->sub : NULL; c && *c; c++)
		if (!(*c)->is_hidden)
			add_command(&j, *c);
	json_out_array_end(&j);
	json_out_array(&j, "exit_codes");
	for (int i = 0; i < ERROR_N_CODES; i++) {
		const struct error_row *row = error_row((enum error_code)i);

		json_out_object(&j, NULL);
		json_out_number(&j, "status", row->exit_status);
		json_out_text(&j, "code", row->name);
		json_out_text(&j, "sentence", row->sentence);
		json_out_bool(&j, "retryable", row->is_retryable);
		json_out_object_end(&j);
	}
	json_out_array_end(&j);
	json_out_array(&j, "variables");
	for (int i = 0; i < ENV_N_NAMES; i++) {
		const struct env_row *row = env_row((enum env_name)i);

		if (!row->meaning)
			continue;
		json_out_object(&j, NULL);
		json_out_text(&j, "name", row->variable);
		json_out_text(&j, "meaning", row->meaning);
		json_out_object_end(&j);
	}
	json_out_array_end(&j);
	json_out_object_end(&j);
	text_addf(out, "%s\n", text_str(&j.text));
}
