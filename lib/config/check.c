/* SPDX-License-Identifier: MIT
 * What a value may be. No message shows a secret.
 */
#include "lib/config/config_internal.h"

#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"
#include "lib/crypto/secret.h"
#include "lib/crypto/ss58.h"

#include <string.h>

enum { NAME_MAX_CHARACTERS = 64, WORDS_MAX_CHARACTERS = 256, KEY_MAX_BYTES = 512 };

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyz"

/* Nothing that a terminal would not show as itself. */
static bool is_printable(const char *s)
{
	auto_text shown = {0};

	text_add_printable(&shown, s, strlen(s), false);
	return strcmp(text_str(&shown), s) == 0;
}

static bool is_words(const char *s)
{
	return *s && is_printable(s) && utf8_count(s, strlen(s)) <= WORDS_MAX_CHARACTERS;
}

static bool is_name(const char *s)
{
	size_t len = strlen(s);

	return len && is_printable(s) && utf8_count(s, len) <= NAME_MAX_CHARACTERS &&
	       !strchr(s, '/') && s[0] != ' ' && s[len - 1] != ' ' && strcmp(s, ".") != 0 &&
	       strcmp(s, "..") != 0;
}

static bool is_key(const char *s)
{
	size_t len = strlen(s);

	for (const char *c = s; *c; c++)
		if (*c <= ' ' || *c > '~')
			return false;
	return len && len <= KEY_MAX_BYTES;
}

static bool is_seed(const char *s)
{
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		s += 2;
	return strlen(s) == 64 && secret_is_hex((struct slice){s, 64});
}

static bool is_address(const char *s)
{
	unsigned char key[SS58_KEY_BYTES];
	struct error ignored; /* the form is told instead */

	return ss58_parse_key(s, key, &ignored);
}

/* A port without leading zeros, 1 to 65535. */
static bool is_port(const char *s)
{
	size_t len = strspn(s, DIGITS);

	return len >= 1 && len <= 5 && !s[len] && *s != '0' && strtoul(s, NULL, 10) <= 65535;
}

/* An origin, in small letters and without what its scheme says anyway: then equal servers are equal
 * texts. */
static bool read_url(const char *value, char **out)
{
	static const struct {
		const char *scheme;
		const char *port;
	} schemes[] = {{"https://", ":443"}, {"http://", ":80"}};
	auto_free char *url = xstrdup(value);
	size_t len = strlen(url);

	for (char *c = url; *c; c++)
		*c = ascii_lower(*c);
	if (len && url[len - 1] == '/')
		url[len - 1] = '\0';
	for (size_t i = 0; i < array_len(schemes); i++) {
		if (!text_starts_with(url, schemes[i].scheme))
			continue;
		char *host = url + strlen(schemes[i].scheme);
		size_t host_len = *host == '[' ? strspn(host + 1, DIGITS "abcdef:.") + 2
					       : strspn(host, DIGITS LETTERS "-._");
		bool is_closed = *host != '[' || (host_len > 2 && strlen(host) >= host_len &&
						  host[host_len - 1] == ']');
		char *port = host + (is_closed ? host_len : 0);

		if (!is_closed || !host_len || host_len > 255 || (*port && *port != ':') ||
		    (*port && !is_port(port + 1)))
			return false;
		if (strcmp(port, schemes[i].port) == 0)
			*port = '\0';
		*out = take(url);
		return true;
	}
	return false;
}

/* Where a file stands is no place to start from. */
static bool read_path(const char *value, bool is_of_file, char **out)
{
	const char *home = path_home();

	if (!*value || !is_printable(value))
		return false;
	if (strcmp(value, "~") == 0 || text_starts_with(value, "~/")) {
		if (!home)
			return false;
		*out = xprintf("%s%s", home, value + 1);
		return true;
	}
	if (*value != '/' && is_of_file)
		return false;
	*out = xstrdup(value);
	return true;
}

/* A program is where nobody else can put one: at its path, or where PATH says. */
static bool read_program(const char *value, char **out)
{
	size_t len = strcspn(value, " \t");

	if (!len || !is_words(value))
		return false;
	if (!memchr(value, '/', len)) {
		*out = xstrdup(value);
		return true;
	}
	return read_path(value, true, out);
}

static bool is_choice(const char *choices, const char *value)
{
	auto_strings words = {0};

	strings_split(&words, choices, '|');
	return strings_has(&words, value);
}

static bool read_value(const struct config_row *row, const char *value, bool is_of_file, char **out)
{
	bool ok = false;

	switch (row->type) {
	case CONFIG_TYPE_URL:
		return read_url(value, out);
	case CONFIG_TYPE_PATH:
		return read_path(value, is_of_file, out);
	case CONFIG_TYPE_WORDS:
		ok = is_words(value);
		break;
	case CONFIG_TYPE_PROFILE:
		ok = is_name(value) && !strpbrk(value, "[]%");
		break;
	case CONFIG_TYPE_NAME:
		ok = is_name(value);
		break;
	case CONFIG_TYPE_CHOICE:
		ok = is_choice(row->choices, value);
		break;
	case CONFIG_TYPE_ADDRESS:
		ok = is_address(value);
		break;
	case CONFIG_TYPE_SEED:
		ok = is_seed(value);
		break;
	case CONFIG_TYPE_KEY:
		ok = is_key(value);
		break;
	case CONFIG_TYPE_PROGRAM:
		return read_program(value, out);
	}
	if (ok)
		*out = xstrdup(value);
	return ok;
}

bool config_check(const struct config_row *row, const char *what, const char *value,
		  bool is_of_file, char **out, struct error *err)
{
	if (read_value(row, value, is_of_file, out))
		return true;
	auto_text shown = {0};

	text_add_printable(&shown, value, strnlen(value, 80), false);
	if (row->is_secret)
		fail(err, ERROR_USAGE, "the value of '%s' is not of its form", row->name);
	else
		fail(err, ERROR_USAGE, "'%s' cannot be '%s'", row->name, text_str(&shown));
	if (what)
		fail_in(err, "%s", what);
	return fail_hint(err, "it must be %s", config_row_form(row));
}
