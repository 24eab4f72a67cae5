/* SPDX-License-Identifier: MIT */
#include "lib/base/url.h"

#include <string.h>

struct slice url_host(const char *origin)
{
	const char *at = strstr(origin, "://");
	const char *host = at ? at + strlen("://") : origin;
	size_t len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");

	return (struct slice){host, strnlen(host, len)};
}

void url_show(const char *url, struct text *out)
{
	/* a password may hold any of them unescaped: only the last '@' surely ends it */
	const char *at = strrchr(url, '@');
	const char *rest = at ? at : url;
	size_t scheme = strspn(url, "abcdefghijklmnopqrstuvwxyz");

	if (at && text_starts_with(url + scheme, "://"))
		text_add_printable(out, url, scheme + strlen("://"), false);
	if (at)
		text_add(out, "...");
	text_add_printable(out, rest, strcspn(rest, "?#"), false);
}
