/* SPDX-License-Identifier: MIT */
#include "lib/build/host_pip.h"

#include "lib/base/env.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"

#include <ctype.h>
#include <string.h>

enum { PIP_CONF_LIMIT = 1 << 20 };

#define BLANKS " \t\r\n"

/* Settings that mean the same on another machine. */
static const struct {
	const char *key;
	bool is_addresses;
} kept[] = {
	{"index-url", true},        {"extra-index-url", true}, {"find-links", true},
	{"trusted-host", false},    {"proxy", false},          {"timeout", false},
	{"default-timeout", false}, {"retries", false},        {"disable-pip-version-check", false},
};

void host_pip_release(struct host_pip *p)
{
	strings_release(&p->settings);
	free(p->cert);
	*p = (struct host_pip){0};
}

/* pip's own rule (configuration.py): case and '_' do not matter, a leading "--" is allowed. */
static char *normal_key(const char *key, size_t len)
{
	if (len > 2 && memcmp(key, "--", 2) == 0) {
		key += 2;
		len -= 2;
	}
	char *normal = xstrndup(key, len);

	for (char *p = normal; *p; p++)
		*p = (char)(*p == '_' ? '-' : tolower((unsigned char)*p));
	return normal;
}

/* Words of `value` with one blank between them; of addresses only those of other machines. */
static char *words_of(const char *value, bool is_addresses)
{
	auto_text words = {0};

	for (const char *p = value + strspn(value, BLANKS); *p; p += strspn(p, BLANKS)) {
		size_t len = strcspn(p, BLANKS);
		auto_free char *word = xstrndup(p, len);

		p += len;
		if (is_addresses && (!strstr(word, "://") || strncasecmp(word, "file:", 5) == 0))
			continue;
		if (words.len > 0)
			text_add_char(&words, ' ');
		text_add(&words, word);
	}
	return text_take(&words);
}

static void set(struct strings *settings, const char *key, const char *value)
{
	if (strcmp(key, "cert") == 0 && *value) {
		strings_env_set(settings, key, value);
		return;
	}
	for (size_t i = 0; i < array_len(kept); i++) {
		if (strcmp(kept[i].key, key) != 0)
			continue;
		auto_free char *words = words_of(value, kept[i].is_addresses);

		if (*words)
			strings_env_set(settings, key, words);
	}
}

/* As Python's configparser: "key = value" or "key: value"; deeper lines go on with the value; '#'
 * and
 * ';' begin a comment only at the beginning of a line. */
struct parser {
	struct strings *section; /* where values go; NULL: a section that is not ours */
	char *key;               /* of the value that may go on, or NULL */
	struct text value;
};

static void end_value(struct parser *p)
{
	if (p->key && p->section)
		set(p->section, p->key, text_str(&p->value));
	free(take(p->key));
	text_clear(&p->value);
}

static void parse_line(struct parser *p, const char *line, struct strings *global,
		       struct strings *install)
{
	size_t indent = strspn(line, BLANKS);
	const char *content = line + indent;
	size_t len = strlen(content);

	if (!*content || *content == '#' || *content == ';')
		return;
	if (indent > 0 && p->key) {
		text_addf(&p->value, "\n%s", content);
		return;
	}
	end_value(p);
	if (*content == '[') {
		p->section = text_starts_with(content, "[global]")    ? global
			     : text_starts_with(content, "[install]") ? install
								      : NULL;
		return;
	}
	size_t key_len = strcspn(content, "=:");

	if (key_len == len)
		return;
	text_add(&p->value, content + key_len + 1 + strspn(content + key_len + 1, BLANKS));
	while (key_len > 0 && strchr(BLANKS, content[key_len - 1]))
		key_len--;
	p->key = normal_key(content, key_len);
}

void host_pip_parse(const char *content, struct strings *global, struct strings *install)
{
	auto_strings lines = {0};
	struct parser p = {0};

	strings_split(&lines, content, '\n');
	for (size_t i = 0; i < lines.n; i++)
		parse_line(&p, lines.items[i], global, install);
	end_value(&p);
	text_release(&p.value);
}

static bool parse_file(const char *path, struct strings *global, struct strings *install,
		       struct error *err)
{
	auto_text content = {0};

	if (!file_exists(path))
		return true;
	if (!file_read(path, PIP_CONF_LIMIT, &content, err))
		return false;
	host_pip_parse(text_str(&content), global, install);
	return true;
}

/* In pip's order: the machine's, the user's (two places), the one that is named. */
static void list_files(const char *etc, struct strings *paths)
{
	const char *directories = env_get(ENV_XDG_CONFIG_DIRS);
	const char *home = env_get(ENV_HOME);
	const char *config = env_get(ENV_XDG_CONFIG_HOME);
	auto_strings parts = {0};

	if (directories)
		strings_split(&parts, directories, ':');
	else
		strings_addf(&parts, "%s/xdg", etc);
	for (size_t i = 0; i < parts.n; i++)
		if (parts.items[i][0] == '/')
			strings_addf(paths, "%s/pip/pip.conf", parts.items[i]);
	strings_addf(paths, "%s/pip.conf", etc);
	if (home)
		strings_addf(paths, "%s/.pip/pip.conf", home);
	if (config)
		strings_addf(paths, "%s/pip/pip.conf", config);
	else if (home)
		strings_addf(paths, "%s/.config/pip/pip.conf", home);
	if (env_get(ENV_PIP_CONFIG_FILE))
		strings_add(paths, env_get(ENV_PIP_CONFIG_FILE));
}

static void merge(struct strings *into, const struct strings *from)
{
	for (size_t i = 0; i < from->n; i++) {
		auto_free char *key = xstrndup(from->items[i], strcspn(from->items[i], "="));

		strings_env_set(into, key, from->items[i] + strlen(key) + 1);
	}
}

static void read_variables(struct strings *settings)
{
	const char *entry;
	size_t i = 0;

	while (env_next("PIP_", &i, &entry)) {
		const char *value = strchr(entry, '=');

		if (!value || !value[1])
			continue;
		auto_free char *key = normal_key(entry + 4, (size_t)(value - entry) - 4);

		set(settings, key, value + 1);
	}
}

bool host_pip_read(const char *etc, struct host_pip *out, struct error *err)
{
	const char *named = env_get(ENV_PIP_CONFIG_FILE);
	auto_strings paths = {0};
	auto_strings install = {0};
	struct host_pip got = {0};
	bool ok = true;

	/* this name tells pip to read no file at all */
	if (!named || strcmp(named, "/dev/null") != 0)
		list_files(etc, &paths);
	for (size_t i = 0; ok && i < paths.n; i++)
		ok = parse_file(paths.items[i], &got.settings, &install, err);
	if (!ok) {
		host_pip_release(&got);
		return fail_in(err, "pip's settings");
	}
	merge(&got.settings, &install);
	read_variables(&got.settings);
	const char *cert = strings_env_find(&got.settings, "cert");

	got.cert = cert ? xstrdup(cert) : NULL;
	*out = got;
	return true;
}

void host_pip_format(const struct strings *settings, const char *cert, struct text *out)
{
	text_add(out, "[global]\n");
	if (cert)
		text_addf(out, "cert = %s\n", cert);
	for (size_t i = 0; i < settings->n; i++) {
		const char *value = strchr(settings->items[i], '=');

		if (!text_starts_with(settings->items[i], "cert="))
			text_addf(out, "%.*s = %s\n", (int)(value - settings->items[i]),
				  settings->items[i], value + 1);
	}
}
