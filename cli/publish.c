/* SPDX-License-Identifier: MIT */
#include "cli/publish.h"

#include "lib/base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PORT_MAX = 65535 };

static bool fail_form(const char *text, struct error *err)
{
	fail(err, ERROR_USAGE, "--publish '%s' is not [ADDRESS:]PORT[:CORDPORT]", text);
	return fail_hint(err, "-p 9000, -p 9000:8000, or -p 0.0.0.0:9000 for other machines");
}

static bool parse_port(const char *text, size_t len, int64_t *port)
{
	int64_t value = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' || value > PORT_MAX)
			return false;
		value = value * 10 + text[i] - '0';
	}
	*port = value;
	return len > 0 && value <= PORT_MAX;
}

/* The part before the ports with its colon: "127.0.0.1:", "[::1]:" or nothing. */
static size_t address_length(const char *text)
{
	const char *end = text[0] == '[' ? strchr(text, ']') : strchr(text, ':');
	int64_t ignored;

	if (!end)
		return 0;
	size_t len = (size_t)(end - text);

	if (text[0] == '[')
		return end[1] == ':' ? len + 2 : 0;
	return parse_port(text, len, &ignored) ? 0 : len + 1;
}

bool publish_parse(const char *text, int64_t cord_port, char **address, struct error *err)
{
	size_t len = address_length(text);
	const char *ports = text + len;
	size_t first = strcspn(ports, ":");
	int64_t port;
	int64_t inside = cord_port;

	if (len == 1 || !parse_port(ports, first, &port) ||
	    (ports[first] && !parse_port(ports + first + 1, strlen(ports + first + 1), &inside)))
		return fail_form(text, err);
	if (inside != cord_port) {
		fail(err, ERROR_USAGE, "--publish '%s': the cords have port %" PRId64, text,
		     cord_port);
		return fail_hint(err, "leave ':%" PRId64 "' away: it is known", inside);
	}
	if (len == 0 || strncmp(text, "localhost:", len) == 0)
		*address = xprintf("127.0.0.1:%" PRId64, port);
	else
		*address = xprintf("%.*s%" PRId64, (int)len, text, port);
	return true;
}
