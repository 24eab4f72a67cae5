/* SPDX-License-Identifier: MIT
 * An ignore file, a zero byte, and the path that is asked about. Whatever the rules say, what is in
 * a directory that is left out is left out too, and a last rule that spells the path decides.
 */
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"
#include "lib/build/ignore.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static bool is_dropped(const struct ignore *ig, const char *path, bool is_directory)
{
	return ignore_check_path(ig, path, is_directory, NULL) == IGNORE_DROP;
}

static void check_parents(const struct ignore *ig, const char *path)
{
	bool is_left_out = is_dropped(ig, path, false);
	auto_free char *part = xstrdup(path);

	for (char *slash = strrchr(part, '/'); slash; slash = strrchr(part, '/')) {
		*slash = '\0';
		if (is_dropped(ig, part, true) && !is_left_out)
			abort();
	}
}

static void check_last_rule(struct ignore *ig, const char *path)
{
	auto_text rule = {0};
	struct error err;

	text_add_char(&rule, '/');
	for (const char *p = path; *p; p++) {
		if (strchr("*?[\\ ", *p))
			text_add_char(&rule, '\\');
		text_add_char(&rule, *p);
	}
	if (ignore_add_pattern(ig, text_str(&rule), &err) && !is_dropped(ig, path, true))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const uint8_t *end = len ? memchr(bytes, '\0', len) : NULL;
	auto_ignore ig = {0};
	struct error err;

	if (!end || (size_t)(bytes + len - end) > 4096)
		return 0;
	auto_free char *asked = xstrndup((const char *)end + 1, (size_t)(bytes + len - end) - 1);
	auto_free char *path = path_clean(asked + strspn(asked, "/"));

	if (len % 2)
		ignore_add_builtin(&ig);
	if (!ignore_add_file(&ig, "f", (const char *)bytes, (size_t)(end - bytes), &err) ||
	    strpbrk(path, "\r\n"))
		return 0;
	check_parents(&ig, path);
	check_last_rule(&ig, path);
	if (ignore_add_include(&ig, path, &err))
		ignore_check_path(&ig, asked, false, NULL);
	return 0;
}
