/* SPDX-License-Identifier: MIT
 * Values of options: text → what a row says it is.
 */
#include "cli/value.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/base/time.h"

#include <errno.h>
#include <string.h>

bool value_is_choice(const char *choices, const char *word)
{
	size_t len = strlen(word);

	for (const char *c = choices; c && len; c = strchr(c, '|') ? strchr(c, '|') + 1 : NULL)
		if (strncmp(c, word, len) == 0 && (c[len] == '|' || c[len] == '\0'))
			return true;
	return false;
}

/* "red, green or blue" */
static void add_choices(struct text *t, const char *choices)
{
	auto_strings words = {0};

	strings_split(&words, choices, '|');
	for (size_t i = 0; i < words.n; i++)
		text_addf(t, "%s%s",
			  i == 0             ? ""
			  : i + 1 == words.n ? " or "
					     : ", ",
			  words.items[i]);
}

bool value_check_choice(const char *what, const char *choices, const char *value, struct error *err)
{
	if (value_is_choice(choices, value))
		return true;
	auto_strings words = {0};
	auto_text wanted = {0};

	strings_split(&words, choices, '|');
	add_choices(&wanted, choices);
	fail(err, ERROR_USAGE, "%s must be %s, not '%s'", what, text_str(&wanted), value);
	const char *near = text_nearest(value, (const char *const *)strings_argv(&words));

	return near ? fail_hint(err, "did you mean '%s'?", near) : false;
}

static bool parse_number(const char *what, const char *value, int64_t *out, struct error *err)
{
	char *end = NULL;

	errno = 0;
	long long number = strtoll(value, &end, 10);

	if (errno == ERANGE)
		return fail(err, ERROR_USAGE, "%s: '%s' is too large", what, value);
	if (end == value || *end || value[0] == ' ' || value[0] == '+')
		return fail(err, ERROR_USAGE, "%s needs a whole number, not '%s'", what, value);
	*out = number;
	return true;
}

static void add_to_list(struct strings *list, const char *value, bool at_commas)
{
	auto_strings parts = {0};

	if (!at_commas) {
		strings_add(list, value);
		return;
	}
	strings_split(&parts, value, ',');
	for (size_t i = 0; i < parts.n; i++)
		if (*parts.items[i])
			strings_add(list, parts.items[i]);
}

void value_set_flag(const struct option_row *row, void *options, bool value)
{
	*(bool *)((char *)options + row->offset) = value;
}

bool value_store(const struct option_row *row, void *options, const char *what, const char *value,
		 struct error *err)
{
	char *slot = (char *)options + row->offset;

	switch (row->type) {
	case OPTION_CHOICE:
		if (!value_check_choice(what, row->argument, value, err))
			return false;
		*(const char **)slot = value;
		return true;
	case OPTION_TEXT:
		*(const char **)slot = value;
		return true;
	case OPTION_NUMBER:
		return parse_number(what, value, (int64_t *)slot, err);
	case OPTION_LIST:
	case OPTION_REPEAT:
		add_to_list((struct strings *)slot, value, row->type == OPTION_LIST);
		return true;
	case OPTION_DURATION:
		return duration_parse(value, (uint64_t *)slot, err) || fail_in(err, "%s", what);
	case OPTION_SIZE:
		return size_parse(value, (uint64_t *)slot, err) || fail_in(err, "%s", what);
	case OPTION_FLAG:
		break;
	}
	return false;
}
