/* SPDX-License-Identifier: MIT
 * ~/.netrc: words between blanks. "machine NAME", then "login", "password", "account" with a word
 * each; "macdef" goes on to an empty line; '#' begins a comment where a key word may stand.
 */
#include "lib/platform/credentials.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/url.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

enum { FILE_MAX = 256 * 1024 };

/* The next word, quotes taken away, or false at the end. The caller wipes the text. */
static bool next_word(const char **at, struct text *out)
{
	const char *s = *at + strspn(*at, " \t\r\n");
	bool is_quoted = *s == '"';

	text_clear(out);
	if (!*s)
		return false;
	s += is_quoted;
	while (*s && (is_quoted ? *s != '"' : !strchr(" \t\r\n", *s))) {
		s += *s == '\\' && is_quoted && s[1];
		text_add_char(out, *s++);
	}
	*at = s + (is_quoted && *s);
	return true;
}

static bool takes_word(const char *word)
{
	return strcmp(word, "login") == 0 || strcmp(word, "account") == 0 ||
	       strcmp(word, "user") == 0;
}

static void skip_macro(const char **at)
{
	const char *end = strstr(*at, "\n\n");

	*at = end ? end + 2 : *at + strlen(*at);
}

static void wipe(struct text *t)
{
	if (t->bytes)
		explicit_bzero(t->bytes, t->capacity);
	text_release(t);
}

/* An IPv6 address is one with its brackets and without. */
static bool is_host(const char *word, const char *host)
{
	size_t word_len = strlen(word);
	size_t len = strlen(host);
	bool has_brackets = len > 2 && host[0] == '[' && host[len - 1] == ']';

	if (has_brackets && word[0] != '[') {
		host++;
		len -= 2;
	}
	return word_len == len && strncasecmp(word, host, len) == 0;
}

struct reading {
	const char *host;
	bool is_ours; /* what stands here is about the host */
	struct text word;
};

/* 1: the key was found, 0: go on, -1: not of its form. */
static int read_word(struct reading *r, const char **at, char **key)
{
	const char *word = text_str(&r->word);

	if (strcmp(word, "machine") == 0) {
		if (!next_word(at, &r->word))
			return -1;
		r->is_ours = is_host(text_str(&r->word), r->host);
		return 0;
	}
	if (strcmp(word, "default") == 0) {
		r->is_ours = false;
		return 0;
	}
	if (strcmp(word, "macdef") == 0) {
		skip_macro(at);
		return 0;
	}
	if (*word == '#') {
		*at += strcspn(*at, "\n");
		return 0;
	}
	bool is_password = strcmp(word, "password") == 0;

	if ((!is_password && !takes_word(word)) || !next_word(at, &r->word))
		return -1;
	if (!is_password || !r->is_ours)
		return 0;
	*key = xstrdup(text_str(&r->word));
	return 1;
}

int netrc_find_in(const char *name, const char *text, const char *host, char **key,
		  struct error *err)
{
	struct reading r = {.host = host};
	const char *at = text;
	int got = 0;

	while (got == 0 && next_word(&at, &r.word))
		got = read_word(&r, &at, key);
	wipe(&r.word);
	if (got >= 0)
		return got;
	size_t line = 1;

	for (const char *c = text; c < at; c++)
		line += *c == '\n';
	fail(err, ERROR_USAGE, "'%s' is no netrc file: line %zu", name, line);
	return -1;
}

int netrc_find(const char *path, const char *base_url, char **key, struct error *err)
{
	struct slice part = url_host(base_url);
	auto_free char *host = xstrndup(part.at, part.len);
	auto_text text = {0};
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : (fail_errno(err, "looking at '%s'", path), -1);
	if (st.st_mode & 077) {
		auto_free char *advice = path_chmod_advice("600", path);

		fail(err, ERROR_AUTH, "others than you can read the passwords in '%s'", path);
		fail_hint(err, "%s", advice);
		return -1;
	}
	int got = file_read(path, FILE_MAX, &text, err)
			  ? netrc_find_in(path, text_str(&text), host, key, err)
			  : -1;

	wipe(&text);
	return got;
}
