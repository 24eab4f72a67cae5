/* SPDX-License-Identifier: MIT
 * The headers of both schemes, found among those of a request.
 */
#include "lib/sign/sign.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

static const char *const names[] = {
	"X-Chutes-Hotkey",         "X-Chutes-Nonce",     "X-Chutes-Signature",
	"X-Bittensor-Version",     "X-Bittensor-Hotkey", "X-Bittensor-Nonce",
	"X-Bittensor-Signature",   "X-Bittensor-Crypto", "X-Bittensor-Receiver",
	"X-Bittensor-Body-SHA256",
};

const char *sign_header_name(enum sign_header header)
{
	static_assert(array_len(names) == SIGN_N_HEADERS, "one name per header");
	return names[header];
}

bool sign_headers_add(struct sign_headers *headers, struct slice name, struct slice value,
		      struct error *err)
{
	for (int i = 0; i < SIGN_N_HEADERS; i++) {
		if (name.len != strlen(names[i]) || strncasecmp(name.at, names[i], name.len) != 0)
			continue;
		if (headers->values[i].at)
			return fail(err, ERROR_AUTH, "header '%s' comes twice", names[i]);
		/* an empty one is there, too */
		headers->values[i] = (struct slice){value.at ? value.at : "", value.len};
		return true;
	}
	return true;
}
