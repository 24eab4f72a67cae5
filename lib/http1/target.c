/* SPDX-License-Identifier: MIT
 * Targets of requests (RFC 9112 3.2) and the authorities in them.
 */
#include "lib/http1/http1_internal.h"

#include <string.h>

/* Of the absolute form: behind "http://"; 0 for the others. */
static size_t scheme_len(struct slice target)
{
	static const struct slice schemes[] = {{"http://", 7}, {"https://", 8}};

	for (size_t i = 0; i < array_len(schemes); i++)
		if (target.len >= schemes[i].len &&
		    http1_slices_match((struct slice){target.at, schemes[i].len}, schemes[i]))
			return schemes[i].len;
	return 0;
}

struct slice http1_target_authority(struct slice target)
{
	size_t start = scheme_len(target);
	size_t end = start;

	if (start == 0)
		return (struct slice){0};
	while (end < target.len && target.at[end] != '/' && target.at[end] != '?')
		end++;
	return (struct slice){target.at + start, end - start};
}

static bool refuse(struct http1_refusal *why, const char *reason)
{
	http1_refuse(why, 400, reason);
	return false;
}

/* One byte of a path, maybe an escape. */
static bool decode_byte(const char **at, const char *end, char *out, struct http1_refusal *why)
{
	const char *p = *at;
	int high = -1;
	int low = -1;

	if (*p != '%') {
		*out = *p;
		*at = p + 1;
		return byte_is(*p, BYTE_TARGET) ||
		       refuse(why, "a byte that may not stand in a target");
	}
	if (end - p >= 3) {
		high = http1_hex_digit(p[1]);
		low = http1_hex_digit(p[2]);
	}
	if (high < 0 || low < 0)
		return refuse(why, "an escape in the path that is not '%XX'");
	int byte = high << 4 | low;

	if (byte < 0x20 || byte == 0x7f)
		return refuse(why, "an encoded control character in the path");
	*out = (char)byte;
	*at = p + 3;
	return true;
}

bool http1_target_split(struct slice target, char *path, struct slice *query,
			struct http1_refusal *why)
{
	struct slice authority = http1_target_authority(target);
	const char *at = authority.at ? authority.at + authority.len : target.at;
	const char *end = target.at + target.len;
	const char *mark = at < end ? memchr(at, '?', (size_t)(end - at)) : NULL;
	const char *path_end = mark ? mark : end;
	size_t n = 0;
	bool is_star = http1_name_is(target, "*");

	if (!authority.at && !is_star && (at == end || *at != '/'))
		return refuse(why, "a target that does not begin with '/'");
	if (at < end && memchr(at, '#', (size_t)(end - at)))
		return refuse(why, "a fragment in the target");
	if (at == path_end)
		path[n++] = '/';
	while (at < path_end)
		if (!decode_byte(&at, path_end, &path[n++], why))
			return false;
	path[n] = '\0';
	*query = mark ? (struct slice){mark + 1, (size_t)(end - mark - 1)} : (struct slice){0};
	return true;
}

/* "[::1]": what is in the brackets is looked at only as far as it can be told from a name. */
static bool is_ipv6(struct slice host)
{
	size_t n_colons = 0;

	for (size_t i = 1; i + 1 < host.len; i++)
		if (host.at[i] == ':')
			n_colons++;
		else if (host.at[i] != '.' && http1_hex_digit(host.at[i]) < 0)
			return false;
	return n_colons >= 2 && host.at[host.len - 1] == ']';
}

static bool is_name(struct slice host)
{
	for (size_t i = 0; i < host.len; i++)
		if (!byte_is(host.at[i], BYTE_HOST))
			return false;
	return host.len > 0;
}

bool http1_authority_is_valid(struct slice authority)
{
	struct slice host = authority;
	const char *bracket = authority.len && authority.at[0] == '['
				      ? memchr(authority.at, ']', authority.len)
				      : NULL;
	const char *rest = bracket ? bracket : authority.at;
	const char *end = authority.at + authority.len;
	const char *colon = rest < end ? memchr(rest, ':', (size_t)(end - rest)) : NULL;

	if (colon) {
		uint64_t port;

		host.len = (size_t)(colon - host.at);
		if (end - colon > 6 ||
		    !http1_parse_length((struct slice){colon + 1, (size_t)(end - colon - 1)},
					&port) ||
		    port > UINT16_MAX)
			return false;
	}
	return bracket ? is_ipv6(host) : is_name(host);
}
