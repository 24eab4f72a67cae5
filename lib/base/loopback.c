/* SPDX-License-Identifier: MIT */
#include "lib/base/loopback.h"

#include <arpa/inet.h>
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
	/* what only looks like an address is a name, which may be anybody's: 127.0.0.256 */
	char text[sizeof("255.255.255.255")] = "";
	struct in_addr address;

	if (len <= 4 || len >= sizeof(text) || strncmp(host, "127.", 4) != 0)
		return false;
	memcpy(text, host, len);
	return strspn(text, "0123456789.") == len && inet_aton(text, &address);
}

bool address_is_loopback(const char *address)
{
	const char *port = strrchr(address, ':');

	return host_is_loopback(address, port ? (size_t)(port - address) : strlen(address));
}
