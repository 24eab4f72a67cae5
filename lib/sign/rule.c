/* SPDX-License-Identifier: MIT
 * How the hosted platform wants its endpoints to be signed, as its servers declare it.
 */
#include "lib/sign/sign.h"

#include <string.h>

/* The first row that fits counts. */
static const struct sign_rule_row rules[] = {
	{"GET DELETE", "/images/...", SIGN_RULE_PURPOSE, "images"},
	{"GET DELETE", "/chutes/...", SIGN_RULE_PURPOSE, "chutes"},
	{"GET DELETE", "/api_keys/...", SIGN_RULE_PURPOSE, "api_keys"},
	{"GET DELETE", "/secrets/...", SIGN_RULE_PURPOSE, "secrets"},
	{"GET", "/users/me", SIGN_RULE_PURPOSE, "me"},
	{"GET", "/users/link_validator", SIGN_RULE_PURPOSE, "link_account"},
	{"GET", "/users/link_subnet_owner", SIGN_RULE_PURPOSE, "link_account"},
	{"GET", "/instances/*/logs", SIGN_RULE_PURPOSE, "logs"},
	{"GET", "/encrypted_logs/...", SIGN_RULE_PURPOSE, "chutes"},
	{"GET", "/registry/auth", SIGN_RULE_PURPOSE, "registry"},

	{"POST", "/users/change_fingerprint", SIGN_RULE_FINGERPRINT, NULL},
	{"POST", "/users/change_bt_auth", SIGN_RULE_NO_HOTKEY, NULL}, /* the fingerprint itself */

	{"POST", "/users/login", SIGN_RULE_PUBLIC, NULL},
	{"GET", "/users/login/nonce", SIGN_RULE_PUBLIC, NULL},
	{"GET", "/users/name_check", SIGN_RULE_PUBLIC, NULL},
	{"GET POST", "/users/registration_token", SIGN_RULE_PUBLIC, NULL},
	{"GET", "/ping", SIGN_RULE_PUBLIC, NULL},
	{"GET", "/pricing", SIGN_RULE_PUBLIC, NULL},
	{"GET", "/nodes", SIGN_RULE_PUBLIC, NULL},
	{"GET", "/nodes/supported", SIGN_RULE_PUBLIC, NULL},
	{"GET", "/fmv", SIGN_RULE_PUBLIC, NULL},
	{"GET", "/quota_unlock_amount", SIGN_RULE_PUBLIC, NULL},
	{"GET", "/payments/...", SIGN_RULE_PUBLIC, NULL},
	{"GET", "/daily_revenue_summary", SIGN_RULE_PUBLIC, NULL},
	{"GET", "/bounties", SIGN_RULE_PUBLIC, NULL},
	{"GET", "/audit/...", SIGN_RULE_PUBLIC, NULL},
	{"GET", "/guess/vllm_config", SIGN_RULE_PUBLIC, NULL},
	{"GET", "/logos/*", SIGN_RULE_PUBLIC, NULL},
	{"GET", "/invocations/usage", SIGN_RULE_PUBLIC, NULL},
	{"GET", "/invocations/stats/...", SIGN_RULE_PUBLIC, NULL},
	{"GET", "/invocations/exports/...", SIGN_RULE_PUBLIC, NULL},
};

/* A word of a list with single blanks. */
static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (; len && *words; words += strcspn(words, " "), words += *words == ' ')
		if (strcspn(words, " ") == len && strncmp(words, word, len) == 0)
			return true;
	return false;
}

static bool path_fits(const char *pattern, const char *path, const char *end)
{
	while (path < end) {
		size_t wanted = 1 + strcspn(pattern + 1, "/");
		size_t len = 1;

		if (strcmp(pattern, "/...") == 0)
			return true;
		while (path + len < end && path[len] != '/')
			len++;
		if (strncmp(pattern, "/*", wanted) == 0
			    ? len < 2
			    : len != wanted || memcmp(path, pattern, len) != 0)
			return false;
		pattern += wanted;
		path += len;
		if (!*pattern)
			return path == end;
	}
	return strcmp(pattern, "/...") == 0;
}

bool sign_method_has_body(const char *method) { return has_word("POST PUT PATCH", method); }

enum sign_rule sign_rule_find(const char *method, const char *path, const char **purpose)
{
	const char *end = path + strcspn(path, "?");

	*purpose = NULL;
	if (end - path > 1 && end[-1] == '/')
		end--;
	for (size_t i = 0; i < array_len(rules) && *path == '/'; i++)
		if (has_word(rules[i].methods, method) && path_fits(rules[i].path, path, end)) {
			*purpose = rules[i].purpose;
			return rules[i].rule;
		}
	return sign_method_has_body(method) ? SIGN_RULE_BODY : SIGN_RULE_NO_HOTKEY;
}

const struct sign_rule_row *sign_rule_row_at(size_t i)
{
	return i < array_len(rules) ? &rules[i] : NULL;
}
