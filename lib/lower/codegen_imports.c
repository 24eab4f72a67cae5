/* SPDX-License-Identifier: MIT
 * The imports of a generated function: one block, sorted, and only what the function uses.
 */
#include "lib/lower/codegen_internal.h"

#include "lib/base/memory.h"

#include <ctype.h>
#include <string.h>

/* What an entry begins with, so that entries sort as they are written: Python's own in front of
 * others, modules in front of names. */
enum { OWN_MODULE = '0', OWN_NAME, OTHER_MODULE, OTHER_NAME };

static const char from[] = "from ";
static const char import[] = "import ";

static void add_names(struct strings *imports, const char *line, bool is_other)
{
	const char *names = strstr(line, import) + strlen(import);
	auto_strings each = {0};

	strings_split(&each, names, ',');
	for (size_t i = 0; i < each.n; i++)
		strings_addf(imports, "%c%.*s%s", is_other ? OTHER_NAME : OWN_NAME,
			     (int)(names - line), line, each.items[i] + strspn(each.items[i], " "));
}

const char *codegen_read_imports(struct strings *imports, const char *at, const char *end)
{
	bool is_other = false;

	while (at < end) {
		const char *line_end = (const char *)memchr(at, '\n', (size_t)(end - at));
		auto_free char *line = xstrndup(at, (size_t)(line_end - at));

		if (text_starts_with(line, import))
			strings_addf(imports, "%c%s", is_other ? OTHER_MODULE : OWN_MODULE, line);
		else if (text_starts_with(line, from))
			add_names(imports, line, is_other);
		else if (*line)
			break;
		else
			is_other = true;
		at = line_end + 1;
	}
	return at;
}

static bool is_word_byte(char c) { return c == '_' || isalnum((unsigned char)c); }

/* Does the code hold the word that an entry defines? */
static bool is_used(const char *entry, const char *code)
{
	const char *word = strrchr(entry, ' ') + 1;
	size_t len = strcspn(word, "."); /* `import http.client` defines `http` */

	for (const char *at = code; *at; at++)
		if ((at == code || !is_word_byte(at[-1])) && strncmp(at, word, len) == 0 &&
		    !is_word_byte(at[len]))
			return true;
	return false;
}

/* "1from typing import " of "1from typing import Any"; 0 for a module. */
static size_t prefix_length(const char *entry)
{
	return text_starts_with(entry + 1, from) ? (size_t)(strrchr(entry, ' ') + 1 - entry) : 0;
}

void codegen_add_imports(struct text *out, struct strings *imports, const char *code)
{
	const char *last = NULL;

	strings_sort(imports);
	for (size_t i = 0; i < imports->n; i++) {
		const char *entry = imports->items[i];
		size_t prefix = prefix_length(entry);

		if ((last && strcmp(last, entry) == 0) || !is_used(entry, code))
			continue;
		if (last && prefix && strncmp(last, entry, prefix) == 0) {
			text_addf(out, ", %s", entry + prefix);
		} else {
			text_add(out, last ? "\n" : "");
			if (last && *last < OTHER_MODULE && *entry >= OTHER_MODULE)
				text_add_char(out, '\n');
			text_addf(out, "    %s", entry + 1);
		}
		last = entry;
	}
	text_add(out, last ? "\n" : "");
}
