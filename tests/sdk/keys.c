/* SPDX-License-Identifier: MIT
 * What we make of keys and signatures, for comparisons: on standard input a line for each question,
 * its arguments in hex ("-" is an empty one); on standard output a line for each answer.
 *
 *   uri URI                       PUBLIC ADDRESS, or "refused"
 *   sign SEED MESSAGE             PUBLIC SIGNATURE
 *   verify PUBLIC MESSAGE SIGNATURE   "yes" or "no"
 */
#include "lib/base/memory.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"
#include "lib/crypto/ss58.h"
#include "lib/crypto/suri.h"

#include <stdio.h>
#include <string.h>

/* The bytes, with a zero behind them. */
static size_t bytes_of(const char *hex, unsigned char **out)
{
	size_t len = strcmp(hex, "-") == 0 ? 0 : strlen(hex) / 2;

	*out = xcalloc(len + 1, 1);
	for (size_t i = 0; i < len; i++) {
		char digits[] = {hex[2 * i], hex[2 * i + 1], '\0'};

		(*out)[i] = (unsigned char)strtoul(digits, NULL, 16);
	}
	return len;
}

static void answer_uri(const char *uri)
{
	auto_sr25519_key struct sr25519_key *key = NULL;
	auto_text hex = {0};
	char address[SS58_TEXT_SIZE];
	struct suri parsed;
	struct error err;

	if (!suri_parse(uri, &parsed, &err) || !suri_key(&parsed, &key, &err)) {
		puts("refused");
		return;
	}
	text_add_hex(&hex, sr25519_key_public(key), SR25519_PUBLIC_BYTES);
	ss58_format_key(sr25519_key_public(key), address);
	printf("%s %s\n", text_str(&hex), address);
}

static bool answer_sign(const unsigned char *seed, const unsigned char *message, size_t len)
{
	auto_sr25519_key struct sr25519_key *key = sr25519_key_of_seed(seed);
	unsigned char signature[SR25519_SIGNATURE_BYTES];
	auto_text hex = {0};
	struct error err;

	if (!sr25519_sign(key, message, len, signature, &err))
		return false;
	text_add_hex(&hex, sr25519_key_public(key), SR25519_PUBLIC_BYTES);
	text_add_char(&hex, ' ');
	text_add_hex(&hex, signature, sizeof(signature));
	puts(text_str(&hex));
	return true;
}

/* False for a question that is none. */
static bool answer(const struct strings *words)
{
	const char *verb = words->n ? words->items[0] : "";
	unsigned char *arguments[3] = {NULL};
	size_t lens[3] = {0};
	bool is_known = true;
	struct error err;

	for (size_t i = 1; i < words->n && i <= array_len(arguments); i++)
		lens[i - 1] = bytes_of(words->items[i], &arguments[i - 1]);
	if (strcmp(verb, "uri") == 0 && words->n == 2)
		answer_uri((const char *)arguments[0]);
	else if (strcmp(verb, "sign") == 0 && words->n == 3 && lens[0] == SR25519_SEED_BYTES)
		is_known = answer_sign(arguments[0], arguments[1], lens[1]);
	else if (strcmp(verb, "verify") == 0 && words->n == 4 && lens[0] == SR25519_PUBLIC_BYTES &&
		 lens[2] == SR25519_SIGNATURE_BYTES)
		puts(sr25519_verify(arguments[0], arguments[1], lens[1], arguments[2], &err)
			     ? "yes"
			     : "no");
	else
		is_known = false;
	for (size_t i = 0; i < array_len(arguments); i++)
		free(arguments[i]);
	return is_known;
}

int main(void)
{
	auto_free char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0) {
		auto_strings words = {0};

		line[strcspn(line, "\n")] = '\0';
		strings_split(&words, line, ' ');
		if (!answer(&words))
			return 1;
	}
	return 0;
}
