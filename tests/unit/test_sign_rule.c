/* SPDX-License-Identifier: MIT
 * How endpoints want to be signed: what the Python client was recorded doing, and the edges of the
 * table.
 */
#include "tests/unit/sign_fixture.h"

TEST(recorded)
{
	auto_json struct json *document = vectors_load("sign/recorded_0.6.9.json");
	const struct json *rows = json_find(document, "requests");

	CHECK(json_count(rows) == 105);
	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);
		const char *wanted = vector_text(row, "rule");
		const char *purpose = NULL;
		enum sign_rule rule = sign_rule_find(vector_text(row, "method"),
						     vector_text(row, "target"), &purpose);

		if (strcmp(wanted, "body") == 0) {
			CHECK(rule == SIGN_RULE_BODY && !purpose);
		} else if (strcmp(wanted, "fingerprint") == 0) {
			CHECK(rule == SIGN_RULE_FINGERPRINT && !purpose);
		} else {
			CHECK(rule == SIGN_RULE_PURPOSE);
			CHECK_TEXT(purpose, wanted);
		}
	}
}

TEST(table)
{
	static const struct {
		const char *method;
		const char *path;
		enum sign_rule rule;
		const char *purpose;
	} rows[] = {
		{"GET", "/images", SIGN_RULE_PURPOSE, "images"},
		{"GET", "/images/", SIGN_RULE_PURPOSE, "images"},
		{"GET", "/images?x=/users/me", SIGN_RULE_PURPOSE, "images"},
		{"GET", "/images/a/b:1/logs/", SIGN_RULE_PURPOSE, "images"},
		{"GET", "/imagesx", SIGN_RULE_NO_HOTKEY, NULL},
		{"GET", "/image", SIGN_RULE_NO_HOTKEY, NULL},
		{"GET", "//images/", SIGN_RULE_NO_HOTKEY, NULL},
		{"GET", "images", SIGN_RULE_NO_HOTKEY, NULL},
		{"GET", "", SIGN_RULE_NO_HOTKEY, NULL},
		{"GET", "/", SIGN_RULE_NO_HOTKEY, NULL},
		{"get", "/images", SIGN_RULE_NO_HOTKEY, NULL},
		{"", "/images", SIGN_RULE_NO_HOTKEY, NULL},
		{"GET DELETE", "/images", SIGN_RULE_NO_HOTKEY, NULL},
		{"HEAD", "/images", SIGN_RULE_NO_HOTKEY, NULL},
		{"DELETE", "/images/x", SIGN_RULE_PURPOSE, "images"},
		{"POST", "/images/", SIGN_RULE_BODY, NULL},
		{"PUT", "/chutes/x", SIGN_RULE_BODY, NULL},
		{"PATCH", "/anything", SIGN_RULE_BODY, NULL},
		{"GET", "/chutes/code/x", SIGN_RULE_PURPOSE, "chutes"},
		{"GET", "/chutes/x/evidence?nonce=1", SIGN_RULE_PURPOSE, "chutes"},
		{"GET", "/encrypted_logs/x", SIGN_RULE_PURPOSE, "chutes"},
		{"DELETE", "/encrypted_logs/x", SIGN_RULE_NO_HOTKEY, NULL},
		{"GET", "/users/me", SIGN_RULE_PURPOSE, "me"},
		{"GET", "/users/me/", SIGN_RULE_PURPOSE, "me"},
		{"DELETE", "/users/me", SIGN_RULE_NO_HOTKEY, NULL},
		{"GET", "/users/me/quotas", SIGN_RULE_NO_HOTKEY, NULL},
		{"GET", "/users/set_logo?logo_id=1", SIGN_RULE_NO_HOTKEY, NULL},
		{"GET", "/users/link_validator", SIGN_RULE_PURPOSE, "link_account"},
		{"GET", "/users/link_subnet_owner", SIGN_RULE_PURPOSE, "link_account"},
		{"GET", "/instances/x/logs", SIGN_RULE_PURPOSE, "logs"},
		{"GET", "/instances//logs", SIGN_RULE_NO_HOTKEY, NULL},
		{"GET", "/instances/x/y/logs", SIGN_RULE_NO_HOTKEY, NULL},
		{"GET", "/instances/x/logs/y", SIGN_RULE_NO_HOTKEY, NULL},
		{"GET", "/instances/x", SIGN_RULE_NO_HOTKEY, NULL},
		{"GET", "/registry/auth", SIGN_RULE_PURPOSE, "registry"},
		{"GET", "/jobs/x", SIGN_RULE_NO_HOTKEY, NULL},
		{"DELETE", "/jobs/x", SIGN_RULE_NO_HOTKEY, NULL},
		{"POST", "/jobs/x/y", SIGN_RULE_BODY, NULL},
		{"POST", "/users/change_bt_auth", SIGN_RULE_NO_HOTKEY, NULL},
		{"POST", "/users/login", SIGN_RULE_PUBLIC, NULL},
		{"GET", "/users/login/nonce", SIGN_RULE_PUBLIC, NULL},
		{"GET", "/pricing", SIGN_RULE_PUBLIC, NULL},
		{"GET", "/nodes/?detailed=true", SIGN_RULE_PUBLIC, NULL},
		{"GET", "/nodes/x", SIGN_RULE_NO_HOTKEY, NULL},
		{"GET", "/logos/x.webp", SIGN_RULE_PUBLIC, NULL},
		{"POST", "/logos/", SIGN_RULE_BODY, NULL},
		{"GET", "/payments/summary/tao", SIGN_RULE_PUBLIC, NULL},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		const char *purpose = "unset";
		enum sign_rule rule = sign_rule_find(rows[i].method, rows[i].path, &purpose);

		if (!CHECK(rule == rows[i].rule))
			printf("#   %s %s\n", rows[i].method, rows[i].path);
		if (rows[i].purpose)
			CHECK_TEXT(purpose, rows[i].purpose);
		else
			CHECK(!purpose);
	}
}

TEST(methods_with_a_body)
{
	CHECK(sign_method_has_body("POST") && sign_method_has_body("PUT") &&
	      sign_method_has_body("PATCH"));
	CHECK(!sign_method_has_body("GET") && !sign_method_has_body("DELETE") &&
	      !sign_method_has_body("POS") && !sign_method_has_body("POSTS") &&
	      !sign_method_has_body("") && !sign_method_has_body("PUT PATCH"));
}
