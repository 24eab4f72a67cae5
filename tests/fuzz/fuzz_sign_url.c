/* SPDX-License-Identifier: MIT
 * Addresses, and the targets of their requests: whatever is taken as an address of a server begins
 * with that server, as curl reads it too; how an endpoint is signed is known for every path.
 */
#include "lib/base/memory.h"
#include "lib/sign/sign.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sign_server server = {"https://a.example:8443", "chutes", NULL};
	auto_free char *url = xstrndup((const char *)data, size);
	auto_free char *target = NULL;
	size_t len = strlen(server.base_url);
	struct sign_peer peer;
	const char *purpose;
	struct error err;

	if (sign_server_check(&server, url, &peer, &err)) {
		assert(strncasecmp(url, server.base_url, len) == 0);
		assert(!url[len] || strchr("/?#", url[len]));
	}
	if (!sign_url_target(url, &target, &err))
		return 0;
	assert(target[0] == '/' && !strpbrk(target, "# \t\r\n"));

	enum sign_rule rule = sign_rule_find("GET", target, &purpose);

	assert((rule == SIGN_RULE_PURPOSE) == (purpose != NULL));
	assert(rule != SIGN_RULE_BODY);
	return 0;
}
