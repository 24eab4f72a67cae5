/* SPDX-License-Identifier: MIT
 * The settings of the configuration as a help topic, a man page and Markdown.
 */
#include "cli/docs_internal.h"
#include "cli/help.h"
#include "lib/base/memory.h"
#include "lib/config/config.h"

static const struct {
	const char *title;
	const char *text;
} paragraphs[] = {
	{"Files",
	 "Your settings are in $XDG_CONFIG_HOME/chutes/config.ini (default ~/.config), secrets in "
	 "the file 'credentials' beside it, which nobody else may be able to read. "
	 "~/.chutes/config.ini of the Python client is read where yours says nothing. "
	 "CHUTES_CONFIG_PATH or --config-path names one file to be read instead of all three."},
	{"Form",
	 "Sections and keys as the Python client has them: '[api]', 'base_url = https://...'. A "
	 "comment begins with '#' at the beginning of a line; '%%' stands for a percent sign. A "
	 "file has at most 64 KiB, a value 4096 bytes. A key that is not known is an error."},
	{"Order",
	 "The first that says a value wins: option, environment, profile, config.ini, the Python "
	 "client's file, default. A chute.yaml may name the profile and nothing else."},
	{"Profiles",
	 "A section '[profile NAME]' holds settings under the keys named below. The profile is "
	 "chosen by --profile, CHUTES_PROFILE, 'profile' in chute.yaml or client.profile; the one "
	 "called 'default' needs no section."},
	{"API keys",
	 "A key in a file of its own names the server that it is for: '[api]' with 'base_url', and "
	 "'server_key' where there is one, '[auth]' with 'api_key'. Only its owner may be able to "
	 "read the file. A bare CHUTES_API_KEY needs CHUTES_API_URL or a profile that says where it "
	 "goes. auth.credential_helper is asked next, ~/.netrc last, and only with --netrc."},
	{"Servers",
	 "What belongs to one server is never used with another: such a value counts only where the "
	 "address in use comes from the same place, or from one behind it."},
};

static void add_facts(struct text *out, const struct config_row *row)
{
	text_add(out, config_row_form(row));
	if (row->fallback)
		text_addf(out, "; default %s", row->fallback);
	if (row->is_secret)
		text_add(out, "; secret");
	if (row->is_of_server)
		text_add(out, "; belongs to one server");
	if (row->profile_key)
		text_addf(out, "; in a profile '%s'", row->profile_key);
	if (row->option)
		text_addf(out, "; %s", row->option);
	if (row->env != ENV_N_NAMES)
		text_addf(out, "; %s", env_row(row->env)->variable);
}

void help_add_settings(struct text *out)
{
	for (size_t i = 0; i < array_len(paragraphs); i++) {
		help_add_wrapped(out, 0, paragraphs[i].text);
		text_add_char(out, '\n');
	}
	for (int i = 0; i < CONFIG_N_SETTINGS; i++) {
		const struct config_row *row = config_row((enum config_setting)i);
		auto_text line = {0};

		text_addf(&line, "%s (", row->help);
		add_facts(&line, row);
		text_add_char(&line, ')');
		help_add_pair(out, row->name, text_str(&line));
	}
}

void docs_write_settings(struct text *out)
{
	docs_add_head(out, "chutes-config", 5, "the settings of chutes");
	text_add(out, ".SH DESCRIPTION\n");
	for (size_t i = 0; i < array_len(paragraphs); i++)
		docs_add_term(out, paragraphs[i].title, paragraphs[i].text);
	text_add(out, ".SH SETTINGS\n");
	for (int i = 0; i < CONFIG_N_SETTINGS; i++) {
		const struct config_row *row = config_row((enum config_setting)i);
		auto_text facts = {0};

		add_facts(&facts, row);
		docs_add_term(out, row->name, row->help);
		text_add(out, ".br\n");
		docs_add_line(out, "", text_str(&facts));
	}
	text_add(out, ".SH SEE ALSO\n.BR chutes\\-config (1),\n.BR chute.yaml (5)\n");
}

void docs_write_settings_markdown(struct text *out)
{
	text_add(out, "# Settings\n");
	for (size_t i = 0; i < array_len(paragraphs); i++)
		text_addf(out, "\n**%s.** %s\n", paragraphs[i].title, paragraphs[i].text);
	text_add(out, "\n| Setting | Meaning | Value |\n|---|---|---|\n");
	for (int i = 0; i < CONFIG_N_SETTINGS; i++) {
		const struct config_row *row = config_row((enum config_setting)i);
		auto_text facts = {0};

		add_facts(&facts, row);
		text_add_char(out, '|');
		docs_add_cell(out, row->name, true);
		docs_add_cell(out, row->help, false);
		docs_add_cell(out, text_str(&facts), false);
		text_add_char(out, '\n');
	}
}
