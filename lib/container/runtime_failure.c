/* SPDX-License-Identifier: MIT
 * Why an OCI runtime could not start a container, from its log. The words are crun's and runc's.
 */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/strings.h"
#include "lib/container/container_internal.h"
#include "lib/data/json.h"

#include <string.h>

enum { LOG_LIMIT = 1 << 20, LINE_LIMIT = 64 * 1024 };

void runtime_read_failure(const char *log_path, struct text *out)
{
	auto_text log = {0};
	auto_strings lines = {0};
	struct error ignored; /* no log, or a line that is no JSON: no failure that we could tell */

	if (!file_read(log_path, LOG_LIMIT, &log, &ignored))
		return;
	strings_split(&lines, text_str(&log), '\n');
	for (size_t i = 0; i < lines.n && out->len == 0; i++) {
		const char *line = lines.items[i];
		auto_json struct json *entry = NULL;

		if (!json_parse(line, strlen(line), LINE_LIMIT, &entry, &ignored))
			continue;
		const char *level = json_text(json_find(entry, "level"));
		const char *message = json_text(json_find(entry, "msg"));

		if (level && message && strcmp(level, "error") == 0)
			text_add_printable(out, message, strlen(message), false);
	}
}

static bool has_any(const char *text, const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		if (strcasestr(text, words[i]))
			return true;
	return false;
}

bool runtime_explain(const char *message, struct run_result *out)
{
	static const char *const about_exec[] = {
		"executable file", "open executable", "exec container process",
		"exec: ",          "exec /",          NULL,
	};
	static const char *const missing[] = {"not found in $PATH", "no such file or directory",
					      "not a directory", NULL};

	if (!has_any(message, about_exec))
		return false;
	out->is_not_found = has_any(message, missing);
	out->is_not_executable = !out->is_not_found;
	out->status = out->is_not_found ? 127 : 126;
	return true;
}
