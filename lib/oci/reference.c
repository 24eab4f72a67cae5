/* SPDX-License-Identifier: MIT */
#include "lib/oci/oci.h"

#include "lib/base/memory.h"

#include <ctype.h>
#include <string.h>

enum { NAME_LIMIT = 255, TAG_LIMIT = 128 };

#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789"
#define WORD  LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"

void reference_release(struct reference *r)
{
	free(r->registry);
	free(r->path);
	free(r->tag);
	*r = (struct reference){0};
}

/* host[:port] or [IPv6][:port]; host components are letters, digits and inner hyphens. */
static bool is_registry(const char *s)
{
	const char *port = NULL;

	if (*s == '[') {
		size_t len = strspn(s + 1, "0123456789abcdefABCDEF:");

		if (len < 2 || s[len + 1] != ']')
			return false;
		port = s + len + 2;
	} else {
		port = s;
		do {
			port += s == port ? 0 : 1;
			if (!isalnum((unsigned char)*port))
				return false;
			while (isalnum((unsigned char)*port) || *port == '-')
				port++;
			if (port[-1] == '-')
				return false;
		} while (*port == '.');
	}
	if (*port == '\0')
		return true;
	size_t digits = strspn(port + 1, "0123456789");

	return *port == ':' && digits > 0 && digits <= 5 && port[1 + digits] == '\0';
}

static bool looks_like_registry(const char *first, size_t len)
{
	if (len == strlen("localhost") && strncmp(first, "localhost", len) == 0)
		return true;
	for (size_t i = 0; i < len; i++)
		if (first[i] == '.' || first[i] == ':' || isupper((unsigned char)first[i]))
			return true;
	return false;
}

/* Length of the separator between two runs of letters and digits: one of . _ __ or any number of -.
 */
static size_t separator_length(const char *s)
{
	if (*s == '.')
		return 1;
	if (*s == '_')
		return s[1] == '_' ? 2 : 1;
	return strspn(s, "-");
}

static bool is_path(const char *s)
{
	for (;;) {
		size_t len = strspn(s, LOWER);

		if (len == 0)
			return false;
		s += len;
		if (*s == '\0')
			return true;
		size_t separator = *s == '/' ? 1 : separator_length(s);

		if (separator == 0)
			return false;
		s += separator;
	}
}

static bool is_tag(const char *s)
{
	return *s && strchr(WORD, *s) && strlen(s) <= TAG_LIMIT && s[strspn(s, WORD ".-")] == '\0';
}

static bool split(char *name, struct reference *r, struct error *err)
{
	char *at = strchr(name, '@');

	if (at) {
		*at = '\0';
		if (!digest_parse(at + 1, &r->digest, err))
			return false;
	}
	char *slash = strrchr(name, '/');
	char *colon = strchr(slash ? slash : name, ':');

	if (colon) {
		*colon = '\0';
		if (!is_tag(colon + 1))
			return fail(err, ERROR_USAGE,
				    "tag '%s' is not 1 to %d of letters, digits and _.-, beginning "
				    "with none of .-",
				    colon + 1, TAG_LIMIT);
		r->tag = xstrdup(colon + 1);
	}
	if (strlen(name) > NAME_LIMIT)
		return fail(err, ERROR_USAGE, "the name is longer than %d characters", NAME_LIMIT);
	const char *path = name;
	char *first_end = strchr(name, '/');

	if (first_end && looks_like_registry(name, (size_t)(first_end - name))) {
		*first_end = '\0';
		path = first_end + 1;
		if (!is_registry(name))
			return fail(err, ERROR_USAGE, "'%s' is not a registry's host[:port]", name);
		r->registry = xstrdup(name);
	}
	if (!is_path(path))
		return fail(err, ERROR_USAGE,
			    "'%s' is not lower-case letters and digits joined by / . _ __ or -",
			    path);
	if (!r->registry && r->tag && strcmp(path, "sha256") == 0)
		return fail(err, ERROR_USAGE, "'sha256:' begins a digest, not a name");
	r->path = xstrdup(path);
	return true;
}

bool reference_parse(const char *text, struct reference *out, struct error *err)
{
	auto_free char *copy = xstrdup(text);
	auto_reference r = {0};

	if (!split(copy, &r, err))
		return fail_in(err, "invalid image reference '%.300s'", text);
	*out = r;
	r = (struct reference){0};
	return true;
}
