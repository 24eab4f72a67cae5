/* SPDX-License-Identifier: MIT
 * What headers claim: each form that is taken, and each that is not.
 */
#include "tests/unit/sign_fixture.h"

#define SIGNATURE                                                                                  \
	"c4f9cbe1033dd3c645d7bd9c965de462fc04b8a6abed4a77fc88059f4ce41a03150d2770c40b871e9445bbe0" \
	"7d948fe876ef3da97395dcd6ff3328f6c915f48f"
#define HASH "341c57448e531310fbbe83f44cea2a5e838bd9e8a6b82b269f01d0dbbc23c3cc"

/* What a whole set has; NULL at the end. */
static const char *const chutes_set[] = {"X-Chutes-Hotkey: " ALICE, "X-Chutes-Nonce: 1752076800",
					 "X-Chutes-Signature: " SIGNATURE, NULL};
static const char *const btauth_set[] = {"X-Bittensor-Version: 1",
					 "X-Bittensor-Hotkey: " ALICE,
					 "X-Bittensor-Nonce: 1752076800000000007",
					 "X-Bittensor-Signature: 0x" SIGNATURE,
					 "X-Bittensor-Receiver: " BOB,
					 "X-Bittensor-Body-SHA256: " HASH,
					 NULL};

/* The set with `line` instead of the one of the same name (or added); with `line` NULL without
 * `dropped`. */
static int parse_with(const char *const *set, const char *line, const char *dropped,
		      struct sign_claim *out, struct error *err)
{
	auto_strings lines = {0};
	const char *name = line ? line : dropped;

	for (size_t i = 0; set[i]; i++)
		if (!name || strncmp(set[i], name, strcspn(set[i], ":") + 1) != 0)
			strings_add(&lines, set[i]);
	if (line)
		strings_add(&lines, line);
	return claim_of(&lines, out, err);
}

static void check_refused(const char *const *set, const char *line, const char *message)
{
	struct sign_claim claim = {.nonce_ns = 42};
	struct error err = {0};

	CHECK(parse_with(set, line, NULL, &claim, &err) == -1);
	CHECK(err.code == ERROR_AUTH);
	CHECK(claim.nonce_ns == 42);
	if (!CHECK(strstr(err.message, message) != NULL))
		printf("#   got: %s\n", err.message);
}

TEST(whole_sets)
{
	struct sign_claim claim = {0};
	struct error err = {0};

	CHECK(parse_with(chutes_set, NULL, NULL, &claim, &err) == 1);
	CHECK(claim.scheme == SIGN_CHUTES && !claim.has_body_hash);
	CHECK_TEXT(claim.hotkey, ALICE);
	CHECK_TEXT(claim.nonce, "1752076800");
	CHECK(claim.nonce_ns == test_now_ns);
	CHECK(is_hex(claim.signature, sizeof(claim.signature), SIGNATURE));

	CHECK(parse_with(btauth_set, NULL, NULL, &claim, &err) == 1);
	CHECK(claim.scheme == SIGN_BTAUTH && claim.has_body_hash);
	CHECK_TEXT(claim.hotkey, ALICE);
	CHECK_TEXT(claim.nonce, "1752076800000000007");
	CHECK(claim.nonce_ns == test_now_ns + 7);
	CHECK(is_hex(claim.signature, sizeof(claim.signature), SIGNATURE));
	CHECK(is_hex(claim.body_hash, sizeof(claim.body_hash), HASH));
	CHECK(parse_with(btauth_set, "X-Bittensor-Crypto: sr25519", NULL, &claim, &err) == 1);
	CHECK(parse_with(btauth_set, NULL, "X-Bittensor-Body-SHA256:", &claim, &err) == 1);
	CHECK(!claim.has_body_hash);
}

TEST(no_signature)
{
	struct sign_headers headers = {0};
	struct sign_claim claim;
	struct error err = {0};

	CHECK(sign_claim_parse(&headers, &claim, &err) == 0);
	CHECK_OK(headers_add_line(&headers, "Authorization: Bearer cpk_x", &err), err);
	CHECK_OK(headers_add_line(&headers, "X-Chutes-UserID: x", &err), err);
	CHECK_OK(headers_add_line(&headers, "X-Chutes-Hotkeys: x", &err), err);
	CHECK_OK(headers_add_line(&headers, "X-Bittensor-: x", &err), err);
	CHECK(sign_claim_parse(&headers, &claim, &err) == 0);
}

static void check_without_each(const char *const *set, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		auto_free char *name = xstrndup(set[i], strcspn(set[i], ":"));
		auto_free char *want = xprintf("header '%s' is missing", name);
		struct sign_claim claim;
		struct error err = {0};

		CHECK(parse_with(set, NULL, set[i], &claim, &err) == -1);
		CHECK(err.code == ERROR_AUTH);
		CHECK_TEXT(err.message, want);
	}
}

TEST(incomplete_sets)
{
	check_without_each(chutes_set, 3);
	check_without_each(btauth_set, 5); /* the sixth need not be there */
}

TEST(hostile_sets)
{
	struct sign_headers headers = {0};
	struct error err = {0};

	check_refused(chutes_set, "X-Bittensor-Version: 1", "headers of both schemes");
	check_refused(chutes_set, "X-Bittensor-Body-SHA256: ", "headers of both schemes");
	check_refused(btauth_set, "X-Chutes-Nonce: 1", "headers of both schemes");

	/* twice, in whatever case, with the same value or an empty one */
	CHECK_OK(headers_add_line(&headers, "x-chutes-hotkey: ", &err), err);
	CHECK(!headers_add_line(&headers, "X-CHUTES-HOTKEY: " ALICE, &err));
	CHECK(err.code == ERROR_AUTH);
	CHECK_TEXT(err.message, "header 'X-Chutes-Hotkey' comes twice");
	CHECK_OK(headers_add_line(&headers, "X-Bittensor-Nonce: 1", &err), err);
	CHECK(!headers_add_line(&headers, "X-Bittensor-Nonce: 1", &err));
}

TEST(names_of_any_case)
{
	static const char *const set[] = {"x-chutes-hotkey: " ALICE, "X-CHUTES-NONCE: 1752076800",
					  "X-chutes-Signature: " SIGNATURE, NULL};
	struct sign_claim claim;
	struct error err = {0};

	CHECK(parse_with(set, NULL, NULL, &claim, &err) == 1);
}

TEST(hotkeys)
{
	static const struct {
		const char *value;
		const char *message;
	} rows[] = {
		{"", "is not an address of 48 characters"},
		{"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQ", "is not an address of 48"},
		{ALICE "Y", "is not an address of 48 characters"},
		{" " ALICE, "is not an address of 48 characters"},
		{"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ", "has a wrong checksum"},
		{"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKut0Y", "no address has the char"},
		{"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKut\xc3\xa4", "no letter or digit"},
		/* the same key in networks 2, 0, 13 and 64 */
		{"HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F", "is not an address of 48"},
		{"15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5", "is of network 0, not of"},
		{"2P2pRoXYwZAWVPXXtR6is5o7L34Me72iuNdiMZxeNV2BkgsH", "is of network 13, not of"},
		{"cEaNSpz4PxFcZ7nT1VEKrKewH67rfx6MfcM6yKojyyPz7qaqp", "is not an address of 48"},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		auto_free char *chutes = xprintf("X-Chutes-Hotkey: %s", rows[i].value);
		auto_free char *btauth = xprintf("X-Bittensor-Hotkey: %s", rows[i].value);
		auto_free char *receiver = xprintf("X-Bittensor-Receiver: %s", rows[i].value);

		check_refused(chutes_set, chutes, rows[i].message);
		check_refused(chutes_set, chutes, "header 'X-Chutes-Hotkey'");
		check_refused(btauth_set, btauth, rows[i].message);
		check_refused(btauth_set, btauth, "header 'X-Bittensor-Hotkey'");
		check_refused(btauth_set, receiver, rows[i].message);
		check_refused(btauth_set, receiver, "header 'X-Bittensor-Receiver'");
	}
	check_refused(btauth_set, "X-Bittensor-Receiver: -", "is not an address of 48 characters");
}

TEST(a_nul_in_an_address)
{
	static const char value[] = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQ\0";
	struct sign_headers headers = {0};
	struct sign_claim claim;
	struct error err = {0};

	CHECK_OK(headers_add_line(&headers, chutes_set[1], &err), err);
	CHECK_OK(headers_add_line(&headers, chutes_set[2], &err), err);
	headers.values[SIGN_HEADER_CHUTES_HOTKEY] = (struct slice){value, 48};
	CHECK(sign_claim_parse(&headers, &claim, &err) == -1);
	CHECK_TEXT(err.message, "header 'X-Chutes-Hotkey' is not an address of 48 characters");
}

/* -1 when it is refused. */
static int64_t nonce_of(const char *const *set, const char *name, const char *value)
{
	auto_free char *line = xprintf("%s: %s", name, value);
	struct sign_claim claim = {0};
	struct error err = {0};

	if (parse_with(set, line, NULL, &claim, &err) == 1) {
		CHECK_TEXT(claim.nonce, value);
		return claim.nonce_ns;
	}
	CHECK(err.code == ERROR_AUTH);
	CHECK(strstr(err.message, "is not a time in decimal ") != NULL);
	return -1;
}

TEST(nonces)
{
	static const char *const refused[] = {"",
					      " 1",
					      "1 ",
					      "+1",
					      "-1",
					      "1.0",
					      "1e9",
					      "0x1",
					      "01",
					      "00",
					      "1_0",
					      "1,0",
					      "١",
					      "1\t",
					      "NaN",
					      "1753-07-09",
					      "18446744073709551616",
					      "99999999999999999999",
					      "9223372036854775808"};
	static const struct {
		const char *value;
		int64_t seconds, nanoseconds;
	} taken[] = {
		{"0", 0, 0},
		{"1", 1000000000, 1},
		{"9223372036", 9223372036000000000, 9223372036},
		{"9223372037", -1, 9223372037},
		{"9223372036854775807", -1, 9223372036854775807},
	};

	for (size_t i = 0; i < array_len(refused); i++) {
		CHECK(nonce_of(chutes_set, "X-Chutes-Nonce", refused[i]) == -1);
		CHECK(nonce_of(btauth_set, "X-Bittensor-Nonce", refused[i]) == -1);
	}
	for (size_t i = 0; i < array_len(taken); i++) {
		CHECK(nonce_of(chutes_set, "X-Chutes-Nonce", taken[i].value) == taken[i].seconds);
		CHECK(nonce_of(btauth_set, "X-Bittensor-Nonce", taken[i].value) ==
		      taken[i].nanoseconds);
	}
}

static char *capitals(const char *s)
{
	char *out = xstrdup(s);

	for (char *c = out; *c; c++)
		*c = ascii_upper(*c);
	return out;
}

TEST(signatures)
{
	auto_free char *upper = capitals(SIGNATURE);
	auto_free char *chutes = xprintf("X-Chutes-Signature: %s", upper);
	auto_free char *btauth = xprintf("X-Bittensor-Signature: 0x%s", upper);
	struct sign_claim claim = {0};
	struct error err = {0};

	CHECK(parse_with(chutes_set, chutes, NULL, &claim, &err) == 1);
	CHECK(is_hex(claim.signature, sizeof(claim.signature), SIGNATURE));
	CHECK(parse_with(btauth_set, btauth, NULL, &claim, &err) == 1);
	CHECK(is_hex(claim.signature, sizeof(claim.signature), SIGNATURE));

	static const char want_chutes[] =
		"header 'X-Chutes-Signature' is not of 128 hexadecimal digits without '0x'";
	static const char want_btauth[] =
		"header 'X-Bittensor-Signature' is not '0x' with 128 hexadecimal digits";

	check_refused(chutes_set, "X-Chutes-Signature: ", want_chutes);
	check_refused(chutes_set, "X-Chutes-Signature: 0x" SIGNATURE, want_chutes);
	check_refused(chutes_set, "X-Chutes-Signature: " SIGNATURE "0", want_chutes);
	check_refused(chutes_set, "X-Chutes-Signature: " SIGNATURE " ", want_chutes);
	check_refused(btauth_set, "X-Bittensor-Signature: ", want_btauth);
	check_refused(btauth_set, "X-Bittensor-Signature: 0x", want_btauth);
	check_refused(btauth_set, "X-Bittensor-Signature: " SIGNATURE, want_btauth);
	check_refused(btauth_set, "X-Bittensor-Signature: 0X" SIGNATURE, want_btauth);
	check_refused(btauth_set, "X-Bittensor-Signature: 0x0x" SIGNATURE, want_btauth);
	upper[127] = '\0';
	free(chutes);
	chutes = xprintf("X-Chutes-Signature: %s", upper);
	check_refused(chutes_set, chutes, want_chutes);
	free(chutes);
	chutes = xprintf("X-Chutes-Signature: %sg", upper);
	check_refused(chutes_set, chutes, want_chutes);
	free(chutes);
	chutes = xprintf("X-Chutes-Signature: %.126s f", upper);
	check_refused(chutes_set, chutes, want_chutes);
}

TEST(what_btauth_has_besides)
{
	auto_free char *upper = capitals(HASH);
	auto_free char *body = xprintf("X-Bittensor-Body-SHA256: %s", upper);
	static const char want_body[] = "header 'X-Bittensor-Body-SHA256' is not of 64 "
					"hexadecimal digits in small letters";

	check_refused(btauth_set, "X-Bittensor-Version: ", "'X-Bittensor-Version' is not '1'");
	check_refused(btauth_set, "X-Bittensor-Version: 2", "'X-Bittensor-Version' is not '1'");
	check_refused(btauth_set, "X-Bittensor-Version: 01", "'X-Bittensor-Version' is not '1'");
	check_refused(btauth_set, "X-Bittensor-Version: 1.0", "'X-Bittensor-Version' is not '1'");
	check_refused(btauth_set, "X-Bittensor-Crypto: ed25519",
		      "'X-Bittensor-Crypto' is not 'sr25519'");
	check_refused(btauth_set, "X-Bittensor-Crypto: ", "'X-Bittensor-Crypto' is not 'sr25519'");
	check_refused(btauth_set, "X-Bittensor-Crypto: SR25519",
		      "'X-Bittensor-Crypto' is not 'sr25519'");
	check_refused(btauth_set, body, want_body);
	check_refused(btauth_set, "X-Bittensor-Body-SHA256: ", want_body);
	check_refused(btauth_set, "X-Bittensor-Body-SHA256: " HASH "0", want_body);
	check_refused(btauth_set, "X-Bittensor-Body-SHA256: 0x" HASH, want_body);
}

TEST(names)
{
	CHECK_TEXT(sign_header_name(SIGN_HEADER_CHUTES_HOTKEY), "X-Chutes-Hotkey");
	CHECK_TEXT(sign_header_name(SIGN_HEADER_BTAUTH_BODY), "X-Bittensor-Body-SHA256");
}
