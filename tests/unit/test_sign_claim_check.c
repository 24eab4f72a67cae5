/* SPDX-License-Identifier: MIT
 * Claims that are true: of the recorded client, of golden values, of headers that we made; and of
 * all of them what is not.
 */
#include "tests/unit/sign_fixture.h"

static const int64_t second_ns = 1000000000;

/* The claim of X-Chutes headers. */
static bool chutes_claim(const char *hotkey, const char *nonce, const char *signature,
			 struct sign_claim *out)
{
	auto_strings lines = {0};
	struct error err = {0};

	strings_addf(&lines, "X-Chutes-Hotkey: %s", hotkey);
	strings_addf(&lines, "X-Chutes-Nonce: %s", nonce);
	strings_addf(&lines, "X-Chutes-Signature: %s", signature);
	return CHECK(claim_of(&lines, out, &err) == 1);
}

static bool holds(const struct sign_claim *claim, const struct sign_request *request)
{
	struct sign_peer bob = peer_of(SIGN_BTAUTH);
	struct error err = {0};

	if (sign_claim_check(claim, request, bob.key, &err))
		return true;
	CHECK(err.code == ERROR_AUTH);
	return false;
}

/* The hash of a recorded body. */
static void recorded_hash(const struct json *row, unsigned char hash[SHA256_BYTES])
{
	const char *body = json_text(json_find(row, "body"));

	if (body)
		sha256_of(body, strlen(body), hash);
	else
		vector_exactly(row, "body_sha256", hash, SHA256_BYTES);
}

static void check_recorded(const struct json *row, const char *hotkey)
{
	struct sign_request request = {.method = vector_text(row, "method"),
				       .target = vector_text(row, "target")};
	enum sign_rule rule = sign_rule_find(request.method, request.target, &request.purpose);
	unsigned char hash[SHA256_BYTES];
	struct sign_claim claim;

	if (!chutes_claim(hotkey, vector_text(row, "nonce"), vector_text(row, "signature"), &claim))
		return;
	CHECK(sign_claim_needs_body(&claim, &request) == (rule == SIGN_RULE_BODY));
	if (rule == SIGN_RULE_BODY) {
		CHECK(!holds(&claim, &request));
		recorded_hash(row, hash);
		request.body_hash = hash;
	}
	CHECK(holds(&claim, &request));
	claim.nonce[9] = (char)(claim.nonce[9] == '0' ? '1' : '0');
	CHECK(!holds(&claim, &request));
	claim.nonce[9] = vector_text(row, "nonce")[9];
}

TEST(recorded)
{
	auto_json struct json *document = vectors_load("sign/recorded_0.6.9.json");
	const struct json *rows = json_find(document, "requests");
	const char *hotkey = vector_text(document, "hotkey");
	size_t n_checked = 0;

	for (size_t i = 0; i < json_count(rows); i++) {
		/* that text has a form of its own, which only a client makes */
		if (strcmp(vector_text(json_at(rows, i), "rule"), "fingerprint") == 0)
			continue;
		check_recorded(json_at(rows, i), hotkey);
		n_checked++;
	}
	CHECK(n_checked + 1 == json_count(rows));
}

/* //Bob is the server. */
static void claim_btauth(const char *const lines[], struct sign_claim *out)
{
	auto_strings all = {0};
	struct error err = {0};

	for (size_t i = 0; lines[i]; i++)
		strings_add(&all, lines[i]);
	if (!CHECK(claim_of(&all, out, &err) == 1))
		printf("#   error: %s\n", err.message);
}

/* The member `key` of the entry whose scheme begins with `scheme`. */
static const struct json *golden(const struct json *document, const char *scheme)
{
	const struct json *rows = json_find(document, "requests");

	for (size_t i = 0; i < json_count(rows); i++)
		if (strncmp(vector_text(json_at(rows, i), "scheme"), scheme, strlen(scheme)) == 0)
			return json_at(rows, i);
	CHECK(!"there is such an entry");
	return NULL;
}

TEST(golden_chutes)
{
	auto_json struct json *document = vectors_load("sign/requests.json");
	const struct json *body = golden(document, "chutes body");
	const struct json *purpose = golden(document, "chutes purpose");
	unsigned char hash[SHA256_BYTES];
	struct sign_request with_body = {.body_hash = hash};
	struct sign_request with_purpose = {.purpose = "registration"};
	struct sign_claim claim;

	vector_exactly(golden(document, "btauth/1 sr25519"), "body_sha256", hash, sizeof(hash));
	if (chutes_claim(ALICE, "1752076800", vector_text(body, "sig"), &claim)) {
		CHECK(holds(&claim, &with_body));
		CHECK(!holds(&claim, &with_purpose));
		hash[0] ^= 1;
		CHECK(!holds(&claim, &with_body));
		hash[0] ^= 1;
	}
	if (chutes_claim(ALICE, "1752076800", vector_text(purpose, "sig"), &claim)) {
		CHECK(holds(&claim, &with_purpose));
		CHECK(!holds(&claim, &with_body));
		with_purpose.body_hash = hash; /* is not looked at */
		CHECK(holds(&claim, &with_purpose));
	}
	if (chutes_claim(BOB, "1752076800", vector_text(purpose, "sig"), &claim))
		CHECK(!holds(&claim, &with_purpose));
}

TEST(golden_btauth)
{
	auto_json struct json *document = vectors_load("sign/requests.json");
	const struct json *row = golden(document, "btauth/1 sr25519");
	auto_free char *signature = xprintf("X-Bittensor-Signature: 0x%s", vector_text(row, "sig"));
	auto_free char *body =
		xprintf("X-Bittensor-Body-SHA256: %s", vector_text(row, "body_sha256"));
	const char *lines[] = {"X-Bittensor-Version: 1",
			       "X-Bittensor-Hotkey: " ALICE,
			       "X-Bittensor-Nonce: 1752076800000000000",
			       signature,
			       "X-Bittensor-Receiver: " BOB,
			       body,
			       NULL};
	unsigned char hash[SHA256_BYTES];
	struct sign_request request = {.method = "POST", .target = "/generate?stream=false"};
	struct sign_claim claim;

	vector_exactly(row, "body_sha256", hash, sizeof(hash));
	claim_btauth(lines, &claim);
	CHECK(!sign_claim_needs_body(&claim, &request));
	CHECK(holds(&claim, &request));
	request.body_hash = hash;
	CHECK(holds(&claim, &request));
	hash[31] ^= 1;
	CHECK(!holds(&claim, &request));
	hash[31] ^= 1;

	/* as other clients send it */
	lines[5] = NULL;
	claim_btauth(lines, &claim);
	CHECK(sign_claim_needs_body(&claim, &request));
	CHECK(holds(&claim, &request));
	request.body_hash = NULL;
	CHECK(!holds(&claim, &request));
	hash[0] ^= 1;
	request.body_hash = hash;
	CHECK(!holds(&claim, &request));
}

TEST(golden_of_another_kind_of_key)
{
	auto_json struct json *document = vectors_load("sign/requests.json");
	const struct json *row = golden(document, "btauth/1 ed25519");
	auto_free char *signature = xprintf("X-Bittensor-Signature: 0x%s", vector_text(row, "sig"));
	const char *lines[] = {"X-Bittensor-Version: 1",
			       "X-Bittensor-Hotkey: "
			       "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu",
			       "X-Bittensor-Nonce: 1752076800000000000",
			       signature,
			       "X-Bittensor-Receiver: " BOB,
			       NULL};
	struct sign_request request = {.method = "POST", .target = "/generate?stream=false"};
	unsigned char hash[SHA256_BYTES];
	struct sign_peer bob = peer_of(SIGN_BTAUTH);
	struct sign_claim claim;
	struct error err = {0};

	vector_exactly(row, "body_sha256", hash, sizeof(hash));
	request.body_hash = hash;
	claim_btauth(lines, &claim);
	CHECK(!sign_claim_check(&claim, &request, bob.key, &err));
	CHECK(strstr(err.message,
		     "signature of hotkey '5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu': ") !=
	      NULL);
}

/* The claim of headers made by //Alice for //Bob. */
static struct sign_claim made(enum sign_scheme scheme, const struct sign_request *request)
{
	auto_sr25519_key struct sr25519_key *key = alice_key();
	struct sign_peer peer = peer_of(scheme);
	struct sign_claim claim = {0};
	auto_strings headers = {0};
	struct error err = {0};

	CHECK_OK(sign_make(&peer, key, request, test_now_ns, &headers, &err), err);
	CHECK_OK(claim_of(&headers, &claim, &err) == 1, err);
	return claim;
}

TEST(every_bit_of_a_signature)
{
	static const enum sign_scheme schemes[] = {SIGN_CHUTES, SIGN_BTAUTH};
	struct sign_request request = {.method = "GET", .target = "/users/me", .purpose = "me"};

	for (size_t k = 0; k < array_len(schemes); k++) {
		struct sign_claim claim = made(schemes[k], &request);

		CHECK(holds(&claim, &request));
		for (size_t bit = 0; bit < 8 * sizeof(claim.signature); bit++) {
			claim.signature[bit / 8] ^= (unsigned char)(1U << bit % 8);
			if (!CHECK(!holds(&claim, &request)))
				printf("#   bit %zu\n", bit);
			claim.signature[bit / 8] ^= (unsigned char)(1U << bit % 8);
		}
	}
}

TEST(what_btauth_binds)
{
	unsigned char hash[SHA256_BYTES];
	struct sign_request request = {
		.method = "POST", .target = "/chutes/?accept_fee=false", .body_hash = hash};
	struct sign_request other = request;
	struct sign_peer bob = peer_of(SIGN_BTAUTH);
	struct sign_claim claim;
	struct error err = {0};

	sha256_of("{}", 2, hash);
	claim = made(SIGN_BTAUTH, &request);
	CHECK(holds(&claim, &request));
	other.method = "PUT";
	CHECK(!holds(&claim, &other));
	other = request;
	other.target = "/chutes/?accept_fee=true";
	CHECK(!holds(&claim, &other));
	other.target = "/chutes/ HTTP";
	CHECK(!holds(&claim, &other)); /* no target at all */
	claim.nonce[18] ^= 1;
	CHECK(!holds(&claim, &request));
	claim.nonce[18] ^= 1;
	claim.has_body_hash = false;
	CHECK(holds(&claim, &request));
	claim.has_body_hash = true;
	claim.body_hash[0] ^= 1;
	CHECK(!holds(&claim, &request));
	claim.body_hash[0] ^= 1;

	bob.key[0] ^= 1;
	CHECK(!sign_claim_check(&claim, &request, bob.key, &err));
	CHECK_TEXT(err.message, "the request was signed for another server");
	memcpy(claim.receiver, bob.key, sizeof(claim.receiver));
	CHECK(!sign_claim_check(&claim, &request, bob.key, &err));
}

TEST(bodies_that_come_later)
{
	struct sign_request request = {.method = "POST", .target = "/"};
	unsigned char hash[SHA256_BYTES];
	struct sign_claim claim = made(SIGN_BTAUTH, &request);
	struct error err = {0};

	CHECK(holds(&claim, &request));
	sha256_of("", 0, hash);
	CHECK_OK(sign_claim_check_body(&claim, hash, &err), err);
	hash[31] ^= 0x80;
	CHECK(!sign_claim_check_body(&claim, hash, &err));
	CHECK(err.code == ERROR_AUTH);
	CHECK_TEXT(err.message, "the body is not the one that was signed");
	/* where it is checked with the signature */
	claim.has_body_hash = false;
	CHECK_OK(sign_claim_check_body(&claim, hash, &err), err);
	CHECK(!holds(&claim, &request));

	request.purpose = "me";
	claim = made(SIGN_CHUTES, &request);
	CHECK_OK(sign_claim_check_body(&claim, hash, &err), err);
	CHECK(!sign_claim_needs_body(&claim, &request));
	request.purpose = NULL;
	CHECK(sign_claim_needs_body(&claim, &request));
	CHECK(!sign_claim_check(&claim, &request, hash, &err));
	CHECK_TEXT(err.message, "the body is signed, and it was not read");
}

TEST(keys_that_cannot_sign)
{
	/* all zero: anyone can sign for it; and one that is no point */
	static const char *const keys[] = {"5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM",
					   "5HrN7fHLXWcFiXPwwtq2EkSGns9eMt5P7SpeTPewumZy6ftb"};
	static const char signature[] =
		"0000000000000000000000000000000000000000000000000000000000000000"
		"0000000000000000000000000000000000000000000000000000000000000080";
	struct sign_request request = {.purpose = "me"};
	struct sign_claim claim;

	for (size_t i = 0; i < array_len(keys); i++)
		if (chutes_claim(keys[i], "1752076800", signature, &claim))
			CHECK(!holds(&claim, &request));
}

TEST(wrapped)
{
	static const char text[] = "<Bytes>" ALICE ":1752076800:me</Bytes>";
	auto_sr25519_key struct sr25519_key *key = alice_key();
	struct sign_request request = {.method = "GET", .target = "/", .purpose = "me"};
	struct sign_claim claim = made(SIGN_CHUTES, &request);
	struct error err = {0};

	CHECK(!sign_claim_check_wrapped(&claim, &request, &err));
	CHECK(err.code == ERROR_AUTH);
	CHECK_OK(sr25519_sign(key, text, strlen(text), claim.signature, &err), err);
	CHECK_OK(sign_claim_check_wrapped(&claim, &request, &err), err);
	CHECK(!holds(&claim, &request));
	request.purpose = NULL;
	CHECK(!sign_claim_check_wrapped(&claim, &request, &err));
	CHECK_TEXT(err.message, "the body is signed, and it was not read");

	claim = made(SIGN_BTAUTH, &request);
	CHECK(!sign_claim_check_wrapped(&claim, &request, &err));
	CHECK_TEXT(err.message, "wallets in browsers do not sign by 'btauth'");
}

TEST(times)
{
	static const struct {
		enum sign_scheme scheme;
		int64_t past_ns, future_ns; /* the last that are taken */
	} rows[] = {{SIGN_CHUTES, 599999999999, 30000000000},
		    {SIGN_BTAUTH, 10000000000, 2000000000}};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct sign_claim claim = {.scheme = rows[i].scheme, .nonce_ns = test_now_ns};
		struct error err = {0};

		CHECK_OK(sign_claim_check_time(&claim, test_now_ns, &err), err);
		CHECK_OK(sign_claim_check_time(&claim, test_now_ns + rows[i].past_ns, &err), err);
		CHECK_OK(sign_claim_check_time(&claim, test_now_ns - rows[i].future_ns, &err), err);
		CHECK(!sign_claim_check_time(&claim, test_now_ns + rows[i].past_ns + 1, &err));
		CHECK(err.code == ERROR_AUTH);
		CHECK(!sign_claim_check_time(&claim, test_now_ns - rows[i].future_ns - 1, &err));
		CHECK(err.code == ERROR_AUTH);
		claim.nonce_ns = INT64_MAX;
		CHECK(!sign_claim_check_time(&claim, 0, &err));
		claim.nonce_ns = 0;
		CHECK(!sign_claim_check_time(&claim, INT64_MAX, &err));
	}
}

TEST(times_are_told)
{
	struct sign_claim claim = {.scheme = SIGN_CHUTES, .nonce_ns = test_now_ns};
	struct error err = {0};

	CHECK(!sign_claim_check_time(&claim, test_now_ns + 700 * second_ns, &err));
	CHECK_TEXT(err.message, "the request was signed 11 minutes in the past, and 600 seconds "
				"are allowed");
	CHECK(strstr(err.hint, "sign each attempt anew") != NULL);
	CHECK(!sign_claim_check_time(&claim, test_now_ns - 31 * second_ns, &err));
	CHECK_TEXT(err.message, "the request was signed 31.000 seconds in the future, and 30 "
				"seconds are allowed");
	claim.scheme = SIGN_BTAUTH;
	CHECK(!sign_claim_check_time(&claim, test_now_ns + 10 * second_ns + 2000000, &err));
	CHECK_TEXT(err.message, "the request was signed 10.002 seconds in the past, and 10 "
				"seconds are allowed");
}

TEST(replay_keys)
{
	struct sign_request request = {.method = "GET", .target = "/", .purpose = "me"};
	struct sign_claim first = made(SIGN_CHUTES, &request);
	struct sign_claim second = made(SIGN_CHUTES, &request);
	unsigned char keys[2][SIGN_REPLAY_KEY_BYTES];

	/* of one second, each signature is another one */
	sign_claim_replay_key(&first, keys[0]);
	sign_claim_replay_key(&second, keys[1]);
	CHECK(memcmp(keys[0], first.signature, sizeof(keys[0])) == 0);
	CHECK(memcmp(keys[0], keys[1], sizeof(keys[0])) != 0);

	/* the nonce is what must not come again, whatever is signed with it */
	first = made(SIGN_BTAUTH, &request);
	request.target = "/other";
	second = made(SIGN_BTAUTH, &request);
	sign_claim_replay_key(&first, keys[0]);
	sign_claim_replay_key(&second, keys[1]);
	CHECK(memcmp(keys[0], keys[1], sizeof(keys[0])) == 0);
	second.nonce_ns++;
	sign_claim_replay_key(&second, keys[1]);
	CHECK(memcmp(keys[0], keys[1], sizeof(keys[0])) != 0);
	second.nonce_ns--;
	second.public_key[5] ^= 1;
	sign_claim_replay_key(&second, keys[1]);
	CHECK(memcmp(keys[0], keys[1], sizeof(keys[0])) != 0);
	CHECK(keys[0][SIGN_REPLAY_KEY_BYTES - 1] == 0);
}
