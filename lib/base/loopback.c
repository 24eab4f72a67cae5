/* SPDX-License-Identifier: MIT */
#include "lib/base/loopback.h"

#include <string.h>
#include <strings.h>

static bool is_name(const char *host, size_t len, const char *name)
{
	return len == strlen(name) && strncasecmp(host, name, len) == 0;
}

bool host_is_loopback(const char *host, size_t len)
{
	static const char suffix[] = ".localhost";
	size_t suffix_len = strlen(suffix);

	if (is_name(host, len, "localhost") || is_name(host, len, "::1") ||
	    is_name(host, len, "[::1]"))
		return true;
	if (len > suffix_len && is_name(host + len - suffix_len, suffix_len, suffix))
		return true;
	for (size_t i = 0; i < len; i++)
		if (!strchr("0123456789.", host[i]))
			return false;
	return len > 4 && strncmp(host, "127.", 4) == 0;
}

bool address_is_loopback(const char *address)
{
	const char *port = strrchr(address, ':');

	return host_is_loopback(address, port ? (size_t)(port - address) : strlen(address));
}
