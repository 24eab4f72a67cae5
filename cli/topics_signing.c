/* SPDX-License-Identifier: MIT
 * How requests are signed, as a help topic.
 */
#include "cli/help.h"
#include "lib/base/memory.h"
#include "lib/sign/sign.h"

static const char beginning[] =
	"A request shows who sends it by a signature of a hotkey: an sr25519 key of a Bittensor "
	"wallet, chosen by --wallet and --hotkey, the environment or the configuration. There are "
	"two schemes. Which of them a server gets is said by its profile (api.scheme), never by "
	"the server.";

static const char chutes_scheme[] =
	"The hosted platform's. Signed is HOTKEY:NONCE:WHAT. NONCE is the time in seconds since "
	"1970; WHAT is the SHA-256 of the body with POST, PUT and PATCH, else a purpose. Headers: "
	"X-Chutes-Hotkey, X-Chutes-Nonce, X-Chutes-Signature (128 hexadecimal digits). It holds "
	"for 10 minutes. Neither method nor address is signed, so whoever gets such headers can "
	"use them with the platform. That is why no other server gets them.";

static const char btauth_scheme[] =
	"Bittensor's btauth/1. Signed are eight lines with a line feed between them: 'btauth/1', "
	"'sr25519', method, path and query as they are sent, SHA-256 of the body (of nothing, "
	"where there is none), time in nanoseconds since 1970, HOTKEY, and the key of the server. "
	"Headers: X-Bittensor-Version, -Hotkey, -Nonce, -Signature (with 0x), -Receiver, and "
	"X-Bittensor-Body-SHA256, by which a server knows who sends a body before it reads it. It "
	"holds for 10 seconds, for this request and this server alone.";

static const char limits[] =
	"Nothing is signed for another server than the profile's, over http for another machine "
	"than this one, or with 'btauth' without the server's key (api.server_key). No command "
	"signs a text that somebody gives. Each attempt is signed anew, and the clocks of both "
	"sides must agree. 'chutes verify-signature' says who signed; with --any-time an old "
	"signature, too.";

static const char purposes[] =
	"The purposes that the platform wants; '...' stands for everything below. All other "
	"endpoints take the body with POST, PUT and PATCH. With GET and DELETE they take no hotkey "
	"but an API key, or are open to everybody, as /pricing is.";

static void add_purposes(struct text *out)
{
	for (size_t i = 0; sign_rule_row_at(i); i++) {
		const struct sign_rule_row *row = sign_rule_row_at(i);
		auto_free char *endpoint = xprintf("%s %s", row->methods, row->path);

		if (row->purpose)
			help_add_pair(out, row->purpose, endpoint);
	}
}

void help_add_signing(struct text *out)
{
	help_add_wrapped(out, 0, beginning);
	text_add_char(out, '\n');
	help_add_pair(out, sign_scheme_name(SIGN_CHUTES), chutes_scheme);
	text_add_char(out, '\n');
	help_add_pair(out, sign_scheme_name(SIGN_BTAUTH), btauth_scheme);
	text_add_char(out, '\n');
	help_add_wrapped(out, 0, limits);
	text_add_char(out, '\n');
	help_add_wrapped(out, 0, purposes);
	text_add_char(out, '\n');
	add_purposes(out);
}
