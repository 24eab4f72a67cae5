/* SPDX-License-Identifier: MIT
 * What every row of the real command line keeps.
 */
#include "tests/unit/tap.h"

#include "cli/commands.h"
#include "cli/help.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"

#include <ctype.h>

static void check_help(const char *owner, const char *name, const char *help)
{
	bool ok = help && *help && !isupper((unsigned char)help[0]) && !text_ends_with(help, ".");

	if (!tap_note(ok, __FILE__, __LINE__, "help starts lower case, ends without full stop"))
		printf("#   %s: %s: %s\n", owner, name, help ? help : "(null)");
}

static void check_options(const char *owner, const struct option_row *rows, bool are_global)
{
	auto_strings seen = {0};

	for (const struct option_row *r = global_rows; !are_global && r->name; r++)
		strings_add(&seen, r->name);
	for (const struct option_row *r = rows; r && r->name; r++) {
		CHECK(r - rows < 64); /* one bit each in `given` */
		check_help(owner, r->name, r->help);
		CHECK(strlen(r->name) > 1);
		CHECK((r->argument != NULL) == (r->type != OPTION_FLAG));
		if (!tap_note(!strings_has(&seen, r->name), __FILE__, __LINE__, "name is new"))
			printf("#   %s: --%s\n", owner, r->name);
		strings_add(&seen, r->name);
		for (const struct option_row *other = rows; other != r; other++)
			CHECK(!r->key || r->key != other->key);
	}
}

/* "images list" is a path from the root to a command that is shown. */
static bool leads_to_command(const char *path)
{
	const struct command *c = &command_root;
	auto_strings names = {0};

	strings_split(&names, path, ' ');
	for (size_t i = 0; c && i < names.n; i++)
		c = command_find(c, names.items[i]);
	return c && !c->is_hidden;
}

static void check_command(const struct command *c)
{
	CHECK(c->name && *c->name);
	check_help(c->name, "summary", c->summary);
	CHECK(c->about && text_ends_with(c->about, "."));
	for (const char *line = c->about; *line;
	     line += strcspn(line, "\n") + (strchr(line, '\n') != NULL))
		CHECK(strcspn(line, "\n") <= 79);
	CHECK(c->run || c->sub);
	CHECK(!c->options || c->options_size);
	check_options(c->name, c->options, false);
	for (size_t i = 0; i < array_len(c->see_also) && c->see_also[i]; i++)
		if (!tap_note(leads_to_command(c->see_also[i]), __FILE__, __LINE__, "see also"))
			printf("#   %s: %s\n", c->name, c->see_also[i]);
	for (size_t i = 0; i < array_len(c->examples) && c->examples[i]; i++)
		CHECK(strlen(c->examples[i]) <= 76);
	bool is_fallback_known = !c->fallback;

	for (const struct command *const *s = c->sub; s && *s; s++) {
		is_fallback_known |= c->fallback == *s;
		check_command(*s);
		for (const struct command *const *other = c->sub; other != s; other++)
			CHECK(strcmp((*s)->name, (*other)->name) != 0);
	}
	CHECK(is_fallback_known);
}

TEST(every_command)
{
	for (const struct command *const *c = command_root.sub; *c; c++) {
		check_command(*c);
		/* one line for a terminal, one for a pipeline */
		if (!(*c)->is_hidden && !tap_note((*c)->examples[0] && (*c)->examples[1], __FILE__,
						  __LINE__, "two examples"))
			printf("#   %s\n", (*c)->name);
	}
}

TEST(global_options) { check_options("chutes", global_rows, true); }

TEST(topics)
{
	for (size_t i = 0; help_topic_at(i); i++) {
		check_help("topic", help_topic_at(i)->name, help_topic_at(i)->summary);
		CHECK(!command_find(&command_root, help_topic_at(i)->name));
	}
}

TEST(every_help_fits_in_80_columns)
{
	auto_text out = {0};
	auto_strings lines = {0};

	for (size_t i = 0; help_topic_at(i); i++)
		help_topic_at(i)->write(&out);
	help_add_options(&out, global_rows);
	strings_split(&lines, text_str(&out), '\n');
	for (size_t i = 0; i < lines.n; i++)
		if (!tap_note(strlen(lines.items[i]) < 80, __FILE__, __LINE__, "fits"))
			printf("#   %s\n", lines.items[i]);
}
