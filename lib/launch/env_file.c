/* SPDX-License-Identifier: MIT
 * Files of variables as docker reads them with --env-file: nothing is unquoted or expanded.
 */
#include "lib/launch/launch.h"

#include "lib/base/env.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"

#include <string.h>

enum { FILE_LIMIT = 1 << 20 };

static bool add_line(const char *line, struct strings *out, struct error *err)
{
	line += strspn(line, " \t\v\f\r");
	if (*line == '\0' || *line == '#')
		return true;
	size_t len = strcspn(line, "=");
	auto_free char *name = xstrndup(line, len);

	if (len == 0)
		return fail(err, ERROR_USAGE, "no name before '='");
	if (strpbrk(name, " \t\v\f\r") && line[len] == '=')
		return fail(err, ERROR_USAGE, "the name '%s' has a blank in it", name);
	if (line[len] == '=') {
		strings_env_set(out, name, line + len + 1);
		return true;
	}
	name[strcspn(name, " \t\v\f\r")] = '\0';
	const char *value = env_find(name);

	if (value)
		strings_env_set(out, name, value);
	return true;
}

bool launch_env_file(const char *path, struct strings *out, struct error *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	auto_text text = {0};
	auto_strings lines = {0};
	auto_strings found = {0};

	if (!file_read(path, FILE_LIMIT, &text, err))
		return false;
	if (memchr(text_str(&text), '\0', text.len) || !utf8_is_valid(text_str(&text), text.len))
		return fail(err, ERROR_USAGE, "'%s' is not UTF-8 text", path);
	strings_split(&lines,
		      text_str(&text) +
			      (text_starts_with(text_str(&text), mark) ? strlen(mark) : 0),
		      '\n');
	for (size_t i = 0; i < lines.n; i++) {
		char *line = lines.items[i];
		size_t len = strlen(line);

		if (len > 0 && line[len - 1] == '\r')
			line[len - 1] = '\0';
		if (!add_line(line, &found, err))
			return fail_in(err, "'%s', line %zu", path, i + 1);
	}
	strings_env_set_all(out, &found);
	return true;
}
