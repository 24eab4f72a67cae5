/* SPDX-License-Identifier: MIT
 * Parsing and matching follow what git does rather than what gitignore(5) says where the two
 * differ: a rule's literal beginning is compared first and the rest is matched as a pattern of its
 * own, so that "a**" + "/b" is the "**" of a whole component.
 */
#include "lib/build/ignore.h"

#include "lib/base/glob.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"

#include <string.h>

/* Nothing of these belongs into an image; "!name" in the ignore file takes one back. */
static const char *const builtin[] = {
	/* version control, ours */
	".git",
	".hg",
	".svn",
	".chutes",
	/* what Python makes again */
	"__pycache__",
	"*.py[co]",
	".venv",
	".pytest_cache",
	".mypy_cache",
	".ruff_cache",
	/* secrets: environment files, private keys, Bittensor wallets */
	".env*",
	"*.pem",
	".bittensor",
	"coldkey",
	"coldkeypub.txt",
	"hotkeys/",
	/* desktops */
	".DS_Store",
};

void ignore_release(struct ignore *ig)
{
	free(ig->rules);
	free(ig->includes);
	arena_release(&ig->arena);
	*ig = (struct ignore){0};
}

/* Blanks at the end do not count unless a '\' stands before them. */
static void trim_blanks(char *line)
{
	char *end = NULL;

	for (char *p = line; *p; p++) {
		if (*p == ' ') {
			end = end ? end : p;
			continue;
		}
		end = NULL;
		if (*p == '\\' && !*++p)
			return;
	}
	if (end)
		*end = '\0';
}

/* Takes the line, which lies in the arena. */
static void add_rule(struct ignore *ig, const char *origin, size_t number, char *line)
{
	struct ignore_rule r = {.origin = origin, .line = number};

	trim_blanks(line);
	if (!*line)
		return;
	r.text = arena_strdup(&ig->arena, line);
	r.is_negated = *line == '!';
	line += r.is_negated;
	size_t len = strlen(line);

	r.is_directory = len && line[len - 1] == '/';
	len -= r.is_directory;
	line[len] = '\0';
	r.is_name = !strchr(line, '/');
	line += *line == '/';
	r.literal = line;
	r.literal_len = glob_literal_length(line);
	r.glob = line + r.literal_len;
	ig->rules = list_grow(ig->rules, ig->n, &ig->capacity, sizeof(*ig->rules));
	ig->rules[ig->n++] = r;
}

void ignore_add_builtin(struct ignore *ig)
{
	for (size_t i = 0; i < array_len(builtin); i++)
		add_rule(ig, NULL, 0, arena_strdup(&ig->arena, builtin[i]));
	ig->n_builtin = ig->n;
}

static bool add_line(struct ignore *ig, const char *origin, size_t number, const char *line,
		     size_t len, struct error *err)
{
	if (len && line[len - 1] == '\r')
		len--;
	if (len > IGNORE_LINE_LIMIT)
		return fail(err, ERROR_SPEC, "%s:%zu: longer than %d bytes", origin, number,
			    IGNORE_LINE_LIMIT);
	if (memchr(line, '\0', len))
		return fail(err, ERROR_SPEC, "%s:%zu: not a text file", origin, number);
	if (!len || line[0] == '#')
		return true;
	if (ig->n >= ig->n_builtin + IGNORE_RULES_LIMIT)
		return fail(err, ERROR_SPEC, "%s:%zu: more than %d rules", origin, number,
			    IGNORE_RULES_LIMIT);
	add_rule(ig, origin, number, arena_strndup(&ig->arena, line, len));
	return true;
}

bool ignore_add_file(struct ignore *ig, const char *origin, const char *bytes, size_t len,
		     struct error *err)
{
	static const char bom[] = "\xef\xbb\xbf";
	const char *name = arena_strdup(&ig->arena, origin);
	const char *end = bytes + len;

	if (len > IGNORE_FILE_LIMIT)
		return fail(err, ERROR_SPEC, "%s: larger than %d bytes", origin, IGNORE_FILE_LIMIT);
	if (len >= 3 && memcmp(bytes, bom, 3) == 0)
		bytes += 3;
	for (size_t number = 1; bytes < end; number++) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
		const char *stop = newline ? newline : end;

		if (!add_line(ig, name, number, bytes, (size_t)(stop - bytes), err))
			return false;
		bytes = stop + 1;
	}
	return true;
}

bool ignore_add_pattern(struct ignore *ig, const char *pattern, struct error *err)
{
	if (strchr(pattern, '\n'))
		return fail(err, ERROR_SPEC, "a pattern is one line");
	return add_line(ig, "exclude", ig->n + 1, pattern, strlen(pattern), err);
}

bool ignore_add_include(struct ignore *ig, const char *glob, struct error *err)
{
	auto_free char *clean = path_clean(glob + strspn(glob, "/"));

	if (strcmp(clean, "..") == 0 || text_starts_with(clean, "../"))
		return fail(err, ERROR_SPEC, "include '%s' leaves the context", glob);
	if (strcmp(clean, ".") == 0)
		return true;
	ig->includes = list_grow(ig->includes, ig->n_includes, &ig->includes_capacity,
				 sizeof(*ig->includes));
	ig->includes[ig->n_includes++] = arena_strdup(&ig->arena, clean);
	return true;
}

static bool rule_matches(const struct ignore_rule *r, const char *path, const char *name,
			 bool is_directory)
{
	const char *text = r->is_name ? name : path;

	if ((r->is_directory && !is_directory) || strncmp(r->literal, text, r->literal_len) != 0)
		return false;
	return glob_match(r->glob, text + r->literal_len, r->is_name ? GLOB_NAME : GLOB_PATH);
}

/* Could `glob` match anything below the directory `path`? Compared component by component. */
static bool reaches_below(const char *glob, const char *path)
{
	char pattern[IGNORE_LINE_LIMIT];
	char name[IGNORE_LINE_LIMIT];

	for (;;) {
		size_t pattern_len = strcspn(glob, "/");
		size_t name_len = strcspn(path, "/");

		if (pattern_len == 2 && memcmp(glob, "**", 2) == 0)
			return true;
		if (!glob[pattern_len] || pattern_len >= sizeof(pattern) ||
		    name_len >= sizeof(name))
			return false;
		*(char *)mempcpy(pattern, glob, pattern_len) = '\0';
		*(char *)mempcpy(name, path, name_len) = '\0';
		if (!glob_match(pattern, name, GLOB_NAME))
			return false;
		if (!path[name_len])
			return true;
		glob += pattern_len + 1;
		path += name_len + 1;
	}
}

static bool is_included(const struct ignore *ig, const char *path)
{
	for (size_t i = 0; i < ig->n_includes; i++)
		if (glob_match(ig->includes[i], path, GLOB_PATH))
			return true;
	return false;
}

static bool may_include_below(const struct ignore *ig, const char *path)
{
	for (size_t i = 0; i < ig->n_includes; i++)
		if (reaches_below(ig->includes[i], path))
			return true;
	return false;
}

enum ignore_verdict ignore_check(const struct ignore *ig, const char *path, bool is_directory,
				 enum ignore_verdict above, const struct ignore_rule **rule)
{
	const struct ignore_rule *last = NULL;

	if (is_included(ig, path))
		return IGNORE_INCLUDED;
	const char *name = path_name(path);
	size_t i = above == IGNORE_INCLUDED ? ig->n_builtin : ig->n;

	while (!last && i-- > 0)
		if (rule_matches(&ig->rules[i], path, name, is_directory))
			last = &ig->rules[i];
	if (rule && last)
		*rule = last;
	if (above != IGNORE_SEARCH && (!last || last->is_negated))
		return above;
	return is_directory && may_include_below(ig, path) ? IGNORE_SEARCH : IGNORE_DROP;
}

enum ignore_verdict ignore_check_path(const struct ignore *ig, const char *path, bool is_directory,
				      const struct ignore_rule **rule)
{
	auto_free char *part = xstrdup(path);
	enum ignore_verdict verdict = IGNORE_KEEP;

	for (char *slash = strchr(part, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		verdict = ignore_check(ig, part, true, verdict, rule);
		if (verdict == IGNORE_DROP)
			return verdict;
		*slash = '/';
	}
	return ignore_check(ig, path, is_directory, verdict, rule);
}

const char *ignore_rule_name(struct ignore *ig, const struct ignore_rule *rule)
{
	if (!rule->origin)
		return arena_printf(&ig->arena, "the built-in rule '%s'", rule->text);
	return arena_printf(&ig->arena, "'%s' of %s:%zu", rule->text, rule->origin, rule->line);
}
