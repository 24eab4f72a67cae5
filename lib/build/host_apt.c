/* SPDX-License-Identifier: MIT */
#include "lib/build/host_apt.h"

#include "lib/base/io.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/base/process.h"
#include "lib/base/tree.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

enum { APT_LIMIT = 4 << 20 };

#define BLANKS " \t\r"

/* Keys of apt.conf(5) that are about reaching an archive; patterns of fnmatch(3). */
static const char *const lent_keys[] = {
	"Acquire::http::Proxy",       "Acquire::http::Proxy::*",    "Acquire::https::Proxy",
	"Acquire::https::Proxy::*",   "Acquire::https*Verify-Peer", "Acquire::https*Verify-Host",
	"Acquire::Check-Valid-Until", "Acquire::Check-Date",        "Acquire::Retries",
	"Acquire::http::Timeout",     "Acquire::https::Timeout",
};

/* What a program prints; empty where it is missing or fails. */
static bool ask(char *const *argv, struct text *out, struct error *err)
{
	int status = 0;

	if (process_capture(argv, NULL, APT_LIMIT, out, &status, err))
		return true;
	if (err->code != ERROR_NOT_FOUND)
		return false;
	log_debug("build: no '%s' here, its settings are not lent", argv[0]);
	return true;
}

static bool is_lent(const char *key)
{
	for (size_t i = 0; i < array_len(lent_keys); i++)
		if (fnmatch(lent_keys[i], key, FNM_CASEFOLD) == 0)
			return true;
	return false;
}

bool host_apt_settings(struct strings *lines, char **ca, struct error *err)
{
	char *const argv[] = {(char[]){"apt-config"}, (char[]){"dump"}, NULL};
	auto_text dump = {0};
	auto_strings all = {0};

	if (!ask(argv, &dump, err))
		return false;
	strings_split(&all, text_str(&dump), '\n');
	for (size_t i = 0; i < all.n; i++) {
		/* Acquire::Check-Valid-Until "false"; */
		const char *line = all.items[i];
		auto_free char *key = xstrndup(line, strcspn(line, " "));
		const char *value = line + strlen(key) + 2;
		size_t len = strlen(line);

		if (len < strlen(key) + 5 || strcmp(line + len - 2, "\";") != 0)
			continue; /* no value or an empty one */
		if (strcasecmp(key, "Acquire::https::CaInfo") == 0) {
			free(*ca);
			*ca = xstrndup(value, strlen(value) - 2);
		} else if (is_lent(key)) {
			strings_add(lines, line);
		}
	}
	return true;
}

static void add_once(struct strings *out, const char *codename, const char *uri,
		     const char *release, const char *component)
{
	/* file:, mirror+file: and the like mean nothing inside a step */
	bool is_reachable = text_starts_with(uri, "http://") || text_starts_with(uri, "https://");
	auto_free char *line = xprintf("%s deb %s %s %s", codename, uri, release, component);

	if (is_reachable && !strings_has(out, line))
		strings_add(out, line);
}

static bool ask_targets(struct strings *out, struct error *err)
{
	char *const argv[] = {(char[]){"apt-get"},
			      (char[]){"indextargets"},
			      (char[]){"--format"},
			      (char[]){"$(ORIGIN)|$(CODENAME)|$(RELEASE)|$(COMPONENT)|$(REPO_URI)"},
			      (char[]){"Created-By: Packages"},
			      NULL};
	auto_text targets = {0};
	auto_strings lines = {0};

	if (!ask(argv, &targets, err))
		return false;
	strings_split(&lines, text_str(&targets), '\n');
	for (size_t i = 0; i < lines.n; i++) {
		auto_strings f = {0};

		strings_split(&f, lines.items[i], '|');
		if (f.n == 5 && strcmp(f.items[0], "Debian") == 0)
			add_once(out, f.items[1], f.items[4], f.items[2], f.items[3]);
	}
	return true;
}

/* --- sources.list(5), where no lists were downloaded yet */

static void split_words(const char *text, struct strings *words)
{
	for (const char *p = text + strspn(text, BLANKS); *p; p += strspn(p, BLANKS)) {
		strings_add_taken(words, xstrndup(p, strcspn(p, BLANKS)));
		p += strcspn(p, BLANKS);
	}
}

/* Signed by Debian's own key; or, unless `must_be_named`, by whatever apt trusts. */
static bool is_debians_key(const char *signed_by, bool must_be_named)
{
	if (!signed_by || !*signed_by)
		return !must_be_named;
	return strstr(signed_by, "/debian-archive-");
}

/* deb [options] URI SUITE COMPONENT... */
static void parse_one_line(const char *line, bool must_be_named, struct strings *out)
{
	auto_free char *content = xstrndup(line, strcspn(line, "#"));
	char *open = strchr(content, '[');
	char *close = open ? strchr(open, ']') : NULL;
	const char *key = NULL;
	auto_strings words = {0};

	if (close) {
		*close = '\0';
		key = strstr(open, "signed-by=");
		if (!is_debians_key(key, must_be_named))
			return;
		memset(open, ' ', (size_t)(close - open) + 1);
	}
	split_words(content, &words);
	if (words.n < 4 || strcmp(words.items[0], "deb") != 0 || (!key && must_be_named))
		return;
	for (size_t i = 3; i < words.n; i++)
		add_once(out, words.items[2], words.items[1], words.items[2], words.items[i]);
}

/* The value of a field, further lines included; "" when it is not there. */
static char *stanza_field(const struct strings *lines, size_t first, size_t end, const char *name)
{
	auto_text value = {0};
	bool is_inside = false;

	for (size_t i = first; i < end; i++) {
		const char *line = lines->items[i];
		size_t len = strlen(name);

		if (*line == '#')
			continue;
		if (!strchr(BLANKS, *line))
			is_inside = strncasecmp(line, name, len) == 0 && line[len] == ':';
		if (!is_inside)
			continue;
		text_add_char(&value, ' ');
		text_add(&value, strchr(BLANKS, *line) ? line : line + len + 1);
	}
	return text_take(&value);
}

static void parse_stanza(const struct strings *lines, size_t first, size_t end, bool must_be_named,
			 struct strings *out)
{
	static const char *const names[] = {"Types",      "URIs",      "Suites",
					    "Components", "Signed-By", "Enabled"};
	struct strings f[array_len(names)] = {0};

	for (size_t i = 0; i < array_len(names); i++) {
		auto_free char *value = stanza_field(lines, first, end, names[i]);

		split_words(value, &f[i]);
	}
	if (strings_has(&f[0], "deb") &&
	    is_debians_key(f[4].n ? f[4].items[0] : NULL, must_be_named) &&
	    !strings_has(&f[5], "no") && !strings_has(&f[5], "false"))
		for (size_t u = 0; u < f[1].n; u++)
			for (size_t s = 0; s < f[2].n; s++)
				for (size_t c = 0; c < f[3].n; c++)
					add_once(out, f[2].items[s], f[1].items[u], f[2].items[s],
						 f[3].items[c]);
	for (size_t i = 0; i < array_len(names); i++)
		strings_release(&f[i]);
}

void host_apt_parse(const char *name, const char *content, bool must_be_named, struct strings *out)
{
	auto_strings lines = {0};
	size_t first = 0;

	strings_split(&lines, content, '\n');
	if (!text_ends_with(name, ".sources")) {
		for (size_t i = 0; i < lines.n; i++)
			parse_one_line(lines.items[i], must_be_named, out);
		return;
	}
	for (size_t i = 0; i <= lines.n; i++) {
		if (i < lines.n && lines.items[i][strspn(lines.items[i], BLANKS)])
			continue;
		parse_stanza(&lines, first, i, must_be_named, out);
		first = i + 1;
	}
}

static bool parse_file(const char *path, bool must_be_named, struct strings *out, struct error *err)
{
	auto_text content = {0};

	if (!file_exists(path))
		return true;
	if (!file_read(path, APT_LIMIT, &content, err))
		return false;
	host_apt_parse(path, text_str(&content), must_be_named, out);
	return true;
}

static bool read_files(const char *etc, bool must_be_named, struct strings *out, struct error *err)
{
	auto_free char *list = xprintf("%s/apt/sources.list", etc);
	auto_free char *directory = xprintf("%s/apt/sources.list.d", etc);
	auto_strings names = {0};

	if (!parse_file(list, must_be_named, out, err))
		return false;
	auto_fd int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && !directory_list(fd, &names, err))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		auto_free char *path = xprintf("%s/%s", directory, names.items[i]);

		if ((text_ends_with(path, ".list") || text_ends_with(path, ".sources")) &&
		    !parse_file(path, must_be_named, out, err))
			return false;
	}
	return true;
}

/* "stable" and the like: only apt's lists know which codename that is today. */
static bool has_alias(const struct strings *sources)
{
	for (size_t i = 0; i < sources->n; i++)
		if (text_starts_with(sources->items[i], "stable") ||
		    text_starts_with(sources->items[i], "oldstable") ||
		    text_starts_with(sources->items[i], "testing") ||
		    text_starts_with(sources->items[i], "unstable"))
			return true;
	return false;
}

bool host_apt_sources(const char *etc, struct strings *out, struct error *err)
{
	auto_strings named = {0};

	/* asking apt-get takes half a second: it is spared where the files say whose they are */
	if (!read_files(etc, true, &named, err))
		return false;
	if (named.n > 0 && !has_alias(&named)) {
		strings_add_all(out, &named);
		return true;
	}
	if (!ask_targets(out, err))
		return false;
	return out->n > 0 || read_files(etc, false, out, err);
}

/* "bookworm", "bookworm-updates" or "bookworm-security" (or "bookworm/updates", as it once was). */
static bool is_of_suite(const char *codename, const char *suite)
{
	size_t len = strlen(suite);

	return strncmp(codename, suite, len) == 0 &&
	       (!codename[len] || strcmp(codename + len, "-updates") == 0 ||
		strcmp(codename + len, "-security") == 0 ||
		strcmp(codename + len, "/updates") == 0);
}

size_t host_apt_select(const struct strings *sources, const char *suite, char *const *components,
		       size_t n_components, struct text *out)
{
	size_t n = 0;

	for (size_t i = 0; i < sources->n; i++) {
		const char *line = strchr(sources->items[i], ' ');
		const char *component = strrchr(sources->items[i], ' ') + 1;
		auto_free char *codename =
			xstrndup(sources->items[i], (size_t)(line - sources->items[i]));
		bool is_wanted = false;

		for (size_t c = 0; c < n_components; c++)
			is_wanted |= strcmp(component, components[c]) == 0;
		if (!is_wanted || !is_of_suite(codename, suite))
			continue;
		text_addf(out, "%s\n", line + 1);
		n++;
	}
	return n;
}
