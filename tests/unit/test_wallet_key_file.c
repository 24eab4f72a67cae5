/* SPDX-License-Identifier: MIT
 * Key files: those that the wallet library wrote (tests/vectors/wallet/files.json), samples of
 * every form (key_files.json), and everything that is wrong with a file or in it.
 */
#include "lib/wallet/key_file.h"

#include "tests/unit/wallet_fixture.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define SEED         "0xda3cf5b1e9144931a0f0db65664aab662673b099415a7f8121b7245fb0be4143"
#define PUBLIC       "0xe4359ad3e2716c539a1d663ebd0a51bdc5c98a12e663bb4c4402db47828c9446"
#define PRIVATE      "0x1f1995bdf3a17b60626a26cfe6f564b337d46056b7a1281b64c649d592ccda0a"
#define NONCE        "9cffd34d9fb01cae1fba61aeed184c817442a2186d5172416729a4b54dd4b84e"
#define ADDRESS      "5HDvhV6WDCjCKyrXqGQSDYqQAzkzabNhctmiDYEqgBC66BsX"
#define WORDS        "old leopard transfer rib spatial phone calm indicate online fire caution review"
#define UNKNOWN_HASH "'k': its password is to be hashed in an unknown way"
#define ALICE        "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"

static bool is_public_name(const char *name) { return text_ends_with(name, "pub.txt"); }

/* A file that the wallet library wrote gives the key that it was made from. */
static void check_golden(const struct json *row, const struct secret *key)
{
	const char *name = vector_text(row, "file");
	bool is_public = is_public_name(name);
	auto_wallet_key k = {0};
	auto_secret bytes = {0};
	auto_secret plain = {0};
	struct error err = {0};

	golden_bytes(row, &bytes);
	if (json_find(row, "base64"))
		CHECK_OK(nacl_open(&bytes, key, &plain, &err), err);
	else
		secret_move(&bytes, &plain);
	auto_key_file f = key_file_of(plain.bytes, plain.len);
	bool ok = is_public ? key_file_public(&f, &k, &err) : key_file_secret(&f, &k, &err);

	printf("# %s\n", name);
	if (strcmp(vector_text(row, "type"), "ed25519") == 0) {
		CHECK(!ok && err.code == ERROR_FAILURE);
		CHECK_TEXT(err.message, "'k': field 'cryptoType': is an ed25519 key; keys of "
					"Bittensor are sr25519");
		return;
	}
	CHECK_OK(ok, err);
	CHECK_OR_STOP(ok);
	CHECK_TEXT(k.address, vector_text(row, "address"));
	CHECK(is_public == !k.key);
	CHECK_TEXT(k.phrase.bytes ? (const char *)k.phrase.bytes : "", vector_text(row, "phrase"));
	if (is_public)
		return;
	const unsigned char *seed = sr25519_key_seed(k.key);

	CHECK(seed ? is_hex(seed, SR25519_SEED_BYTES, vector_text(row, "seed"))
		   : *vector_text(row, "seed") == '\0');
}

TEST(files_of_the_wallet_library)
{
	/* a key of a password takes minutes there */
	if (tap_slowness() == TAP_TOO_SLOW)
		return;
	auto_json struct json *document = vectors_load("wallet/files.json");
	const struct json *rows = json_find(document, "files");
	const char *password = vector_text(document, "password");
	auto_secret key = {0};
	struct error err = {0};

	CHECK_OK(nacl_key(password, strlen(password), &key, &err), err);
	CHECK_OR_STOP(key.bytes);
	CHECK(json_count(rows) == 32);
	for (size_t i = 0; i < json_count(rows); i++)
		check_golden(json_at(rows, i), &key);

	auto_secret sealed = {0};
	auto_secret plain = {0};

	/* the key of another password */
	golden_bytes(json_at(rows, 0), &sealed);
	key.bytes[0] ^= 1;
	CHECK(!nacl_open(&sealed, &key, &plain, &err) && err.code == ERROR_AUTH);
	CHECK_TEXT(err.message, "wrong password, or a damaged file");
	CHECK(!plain.bytes);
}

TEST(samples)
{
	auto_json struct json *document = vectors_load("wallet/key_files.json");
	const struct json *rows = json_find(document, "plain");

	CHECK(json_count(rows) == 11);
	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);
		const struct json *expect = json_find(row, "expect");
		bool is_public = json_find(expect, "private") != NULL;
		auto_wallet_key k = {0};
		auto_key_file f = key_file_of_text(vector_text(row, "text"));
		struct error err = {0};

		printf("# %s\n", vector_text(row, "name"));
		CHECK_OK(is_public ? key_file_public(&f, &k, &err) : key_file_secret(&f, &k, &err),
			 err);
		CHECK(is_hex(k.public_key, sizeof(k.public_key), vector_text(expect, "public")));
		if (json_find(expect, "ss58"))
			CHECK_TEXT(k.address, vector_text(expect, "ss58"));
		if (json_find(expect, "scalar"))
			CHECK(k.key &&
			      is_hex(sr25519_key_secret(k.key), 32, vector_text(expect, "scalar")));
		if (json_find(expect, "nonce"))
			CHECK(k.key && is_hex(sr25519_key_secret(k.key) + 32, 32,
					      vector_text(expect, "nonce")));
		if (json_find(expect, "seed"))
			CHECK(k.key &&
			      is_hex(sr25519_key_seed(k.key), 32, vector_text(expect, "seed")));
	}
}

static const struct {
	const char *text;
	const char *message;
	bool is_public;
} bad[] = {
	{"{\"secretSeed\":\"" SEED "\",\"ss58Address\":\"" ALICE "\"}",
	 "'k': field 'secretSeed' is of another key than 'ss58Address'"},
	{"{\"secretSeed\":\"" SEED "\",\"publicKey\":\"" PUBLIC "\",\"ss58Address\":\"" ALICE "\"}",
	 "'k': field 'ss58Address' is of another key than 'publicKey'"},
	{"{\"secretPhrase\":\"" WORDS "\",\"secretSeed\":\"0x" NONCE "\",\"accountId\":\"" PUBLIC
	 "\"}",
	 "'k': field 'secretSeed' is of another key than 'accountId'"},
	{"{\"secretPhrase\":\"bottom drive obey lake curtain smoke basket hold race lonely fit "
	 "walk\",\"secretSeed\":\"" SEED "\",\"ss58Address\":\"" ADDRESS "\"}",
	 "'k': field 'secretPhrase' is of another key than 'ss58Address'"},
	{"{\"publicKey\":\"" PUBLIC "\",\"ss58Address\":\"" ALICE "\"}",
	 "'k': field 'publicKey' is of another key than 'ss58Address'", true},
	/* the half that the public key does not show */
	{"{\"secretSeed\":\"" SEED "\",\"privateKey\":\"" PRIVATE
	 "00ffd34d9fb01cae1fba61aeed184c817442a2186d5172416729a4b54dd4b84e\"}",
	 "'k': field 'privateKey' is of another key than 'secretSeed'"},
	{"{\"accountId\": null}", "'k': has no key"},
	{"{}", "'k': has no key"},
	{"{\"ss58Address\":\"" ADDRESS "\"}", "'k': has only a public key"},
	{"{\"encoded\":\"AAAA\",\"encoding\":{\"version\":\"3\"}}",
	 "'k': is an export of polkadot-js, and no key file"},
	{"{\"secretSeed\":\"" SEED "\",\"cryptoType\":0}",
	 "'k': field 'cryptoType': is an ed25519 key; keys of Bittensor are sr25519"},
	{"{\"secretSeed\":\"" SEED "\",\"cryptoType\":\"0\"}",
	 "'k': field 'cryptoType': is an ed25519 key; keys of Bittensor are sr25519"},
	{"{\"secretSeed\":\"" SEED "\",\"cryptoType\":2}",
	 "'k': field 'cryptoType': an unknown kind of key"},
	{"{\"secretSeed\":\"" SEED "\",\"cryptoType\":[1]}",
	 "'k': field 'cryptoType': an unknown kind of key"},
	{"{\"secretSeed\":\"" SEED "\",\"accountType\":\"x\"}",
	 "'k': field 'accountType': an account of an unknown kind"},
	{"{\"privateKey\":\"" SEED "\"}",
	 "'k': field 'privateKey': is an ed25519 key; keys of Bittensor are sr25519"},
	{"{\"secretSeed\":1}", "'k': field 'secretSeed' is not text"},
	{"{\"secretSeed\":\"0xda3c\"}", "'k': field 'secretSeed': is not 64 hex digits"},
	{"{\"secretSeed\":\"" SEED "0\"}", "'k': field 'secretSeed': is not 64 hex digits"},
	{"{\"secretSeed\":\"\"}", "'k': field 'secretSeed': is not 64 hex digits"},
	{"{\"privateKey\":\"" PRIVATE "\\u0000\"}",
	 "'k': field 'privateKey': is not 128 hex digits"},
	{"{\"privateKey\":\"" PRIVATE NONCE "00\"}",
	 "'k': field 'privateKey': is not 128 hex digits"},
	{"{\"publicKey\":\"0x00\"}", "'k': field 'publicKey': is not 64 hex digits", true},
	{"{\"ss58Address\":\"5Hello\\u0000\"}", "'k': field 'ss58Address': is no address", true},
	{"{\"ss58Address\":\"" ADDRESS ADDRESS "\"}", "'k': field 'ss58Address': is no address",
	 true},
	{"[1]", "'k': has no key"},
	{"hello", "'k': field 'secretPhrase': "},
	{"Hello, world", "'k': is no key file: neither JSON nor a key"},
	{"0x1234", "'k': is no key file: neither JSON nor a key"},
	{"   \n", "'k': is no key file: neither JSON nor a key"},
	{WORDS, "'k': is no key file: neither JSON nor a key", true},
	{"{\"secretSeed\":\"" SEED "\"", "'k': byte 83: a ',' or an end is expected"},
};

TEST(bad_files)
{
	for (size_t i = 0; i < array_len(bad); i++) {
		auto_wallet_key k = {0};
		auto_key_file f = key_file_of_text(bad[i].text);
		struct error err = {0};
		bool ok = bad[i].is_public ? key_file_public(&f, &k, &err)
					   : key_file_secret(&f, &k, &err);

		CHECK(!ok && err.code == ERROR_FAILURE && !k.key && k.address[0] == '\0');
		CHECK(err.hint[0] != '\0');
		if (text_ends_with(bad[i].message, ": "))
			CHECK(text_starts_with(err.message, bad[i].message));
		else
			CHECK_TEXT(err.message, bad[i].message);
	}
}

TEST(bad_samples)
{
	auto_json struct json *document = vectors_load("wallet/key_files.json");
	const struct json *rows = json_find(document, "bad");

	CHECK(json_count(rows) == 5);
	for (size_t i = 0; i < json_count(rows); i++) {
		const char *text = vector_text(json_at(rows, i), "text");
		auto_directory char *directory = directory_new();
		auto_free char *path = file_put(directory, "k", text, strlen(text), 0600);
		auto_wallet_key k = {0};
		auto_key_file f = {0};
		struct error err = {0};

		CHECK(!key_file_load(path, &f, &err) || !key_file_secret(&f, &k, &err));
		CHECK(err.code == ERROR_FAILURE);
	}
}

/* No value of a secret is in an error, whatever is wrong with it. */
TEST(errors_are_silent)
{
	static const char *const texts[] = {
		"{\"secretPhrase\":\"old leopard transfer rib spatial phone calm indicate online "
		"fire caution reviem\"}",
		"{\"secretPhrase\":\"old leopard transfer rib spatial phone calm indicate online "
		"fire caution old\"}",
		"{\"secretPhrase\":\"old leopard\"}",
		"{\"secretSeed\":\"0xda3cf5b1\"}",
		"{\"secretSeed\":\"da3cf5b1",
		"old leopard transfer",
	};

	for (size_t i = 0; i < array_len(texts); i++) {
		auto_wallet_key k = {0};
		auto_key_file f = key_file_of_text(texts[i]);
		struct error err = {0};

		CHECK(!key_file_secret(&f, &k, &err) && err.code == ERROR_FAILURE);
		CHECK(!strstr(err.message, "leopard") && !strstr(err.message, "revie"));
		CHECK(!strstr(err.hint, "review") && !strstr(err.message, "da3c"));
	}
}

/* Blanks around, digits in capitals, a phrase over two lines, and what is not known. */
TEST(tolerated)
{
	static const char *const texts[] = {
		" {\"secretSeed\" : \"" SEED "\" , \"x\": {\"a\":[1,-2.5e3,true,false,null]}}\r\n",
		"{\"secretSeed\":\"0XDA3CF5B1E9144931A0F0DB65664AAB662673B099415A7F8121B7245FB0BE41"
		"43\",\"cryptoType\":\"1\"}",
		"{\"secret\\u0053eed\":\"" SEED "\",\"privateKey\":null}",
		SEED "\n",
		"old leopard transfer rib spatial phone\ncalm indicate online fire caution review\n",
	};

	for (size_t i = 0; i < array_len(texts); i++) {
		auto_wallet_key k = {0};
		auto_key_file f = key_file_of_text(texts[i]);
		struct error err = {0};

		CHECK_OK(key_file_secret(&f, &k, &err), err);
		CHECK_TEXT(k.address, ADDRESS);
	}
}

/* Bytes that are no text at all. */
TEST(zero_bytes)
{
	static const char *const texts[] = {"\0\0\0\0\0\0", "old\0me", "{\0\0\0}\0"};

	for (size_t i = 0; i < array_len(texts); i++) {
		auto_wallet_key k = {0};
		auto_key_file f = key_file_of(texts[i], 6);
		struct error err = {0};

		CHECK(!key_file_secret(&f, &k, &err) && err.code == ERROR_FAILURE);
		CHECK_TEXT(err.message, texts[i][0] == '{'
						? "'k': byte 2: a string is expected"
						: "'k': is no key file: neither JSON nor a key");
	}
}

TEST(encrypted_is_not_parsed)
{
	auto_wallet_key k = {0};
	auto_key_file f = key_file_of_text("$NACL");
	struct error err = {0};

	f.is_encrypted = true;
	CHECK(!key_file_secret(&f, &k, &err) && err.code == ERROR_AUTH);
	CHECK_TEXT(err.message, "'k': is encrypted");
	CHECK_TEXT(err.hint, "give the password of this file");
	CHECK(!key_file_public(&f, &k, &err) && err.code == ERROR_AUTH);
	f.is_encrypted = false;
	CHECK(key_file_unlock(&f, "x", 1, &err));
}

static void check_load(const char *path, enum error_code code, const char *message)
{
	auto_key_file f = {0};
	auto_free char *wanted = xprintf("'%s'%s", path, message);
	struct error err = {0};

	CHECK(!key_file_load(path, &f, &err) && err.code == code);
	CHECK(strstr(err.message, wanted) != NULL);
	if (!strstr(err.message, wanted))
		printf("# got: %s\n# want: %s\n", err.message, wanted);
	CHECK(!f.path && !f.bytes.bytes && err.hint[0] != '\0');
}

TEST(paths)
{
	auto_directory char *directory = directory_new();
	auto_free char *missing = path_join(directory, "missing");
	auto_free char *fifo = path_join(directory, "fifo");
	auto_free char *dangling = path_join(directory, "dangling");
	auto_free char *empty = file_put(directory, "empty", "", 0, 0600);
	auto_free char *locked = file_put(directory, "locked", "x", 1, 0);

	CHECK(mkfifo(fifo, 0600) == 0 && symlink("nowhere", dangling) == 0);
	check_load(missing, ERROR_NOT_FOUND, ": No such file or directory");
	check_load(directory, ERROR_FAILURE, " is not a regular file");
	check_load(fifo, ERROR_FAILURE, " is not a regular file");
	check_load(dangling, ERROR_NOT_FOUND, " is a link to a file that is not there");
	check_load(empty, ERROR_FAILURE, ": is empty");
	if (geteuid() != 0)
		check_load(locked, ERROR_AUTH, ": Permission denied");
}

TEST(sizes)
{
	static char bytes[KEY_FILE_LIMIT + 1];
	auto_directory char *directory = directory_new();
	auto_key_file f = {0};
	struct error err = {0};

	memset(bytes, ' ', sizeof(bytes));
	memcpy(bytes, SEED, strlen(SEED));
	auto_free char *largest = file_put(directory, "largest", bytes, KEY_FILE_LIMIT, 0600);
	auto_free char *larger = file_put(directory, "larger", bytes, KEY_FILE_LIMIT + 1, 0600);
	auto_wallet_key k = {0};

	CHECK_OK(key_file_load(largest, &f, &err), err);
	CHECK_OK(key_file_secret(&f, &k, &err), err);
	CHECK_TEXT(k.address, ADDRESS);
	check_load(larger, ERROR_FAILURE, ": is no key file: more than 65536 bytes");
}

TEST(encryptions)
{
	static const char *const shortest =
		"$NACL0123456789012345678901230123456789012345678901234567890123456789";
	auto_json struct json *document = vectors_load("wallet/key_files.json");
	const struct json *rows = json_find(document, "encrypted");
	const char *vault = vector_text(json_at(rows, 1), "file_text");
	const char *fernet = vector_text(json_at(rows, 2), "file_text");
	auto_directory char *directory = directory_new();
	auto_free char *a = file_put(directory, "a", vault, strlen(vault), 0600);
	auto_free char *b = file_put(directory, "b", fernet, strlen(fernet), 0600);
	auto_free char *c = file_put(directory, "c", shortest, NACL_MIN_BYTES - 1, 0600);
	auto_free char *d = file_put(directory, "d", shortest, NACL_MIN_BYTES, 0600);
	auto_key_file f = {0};
	struct error err = {0};

	check_load(a, ERROR_FAILURE,
		   ": is encrypted with ansible-vault, as wallets of before 2023 are");
	check_load(b, ERROR_FAILURE, ": is encrypted with Fernet, as wallets of before 2023 are");
	check_load(c, ERROR_FAILURE, ": is cut off: an encrypted file has 45 bytes or more");
	CHECK(!key_file_load(b, &f, &err));
	CHECK_TEXT(err.hint, "convert it with the Python package bittensor 11, or make the key "
			     "again from its words");
	CHECK_OK(key_file_load(d, &f, &err), err);
	CHECK(f.is_encrypted);
}

TEST(modes)
{
	static const struct {
		mode_t mode;
		bool is_exposed;
	} cases[] = {{0600, false}, {0400, false}, {0640, true}, {0604, true}, {0620, true}};
	auto_directory char *directory = directory_new();

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_free char *path = file_put(directory, "k", SEED, strlen(SEED), cases[i].mode);
		auto_key_file f = {0};
		struct error err = {0};

		CHECK_OK(key_file_load(path, &f, &err), err);
		CHECK(f.is_exposed == cases[i].is_exposed && !f.is_encrypted);
	}
}

/* 512 MiB that are not there: told as such, and not as a wrong password. */
TEST(no_memory)
{
	if (tap_slowness() > 1) /* what looks at memory needs the address space itself */
		return;
	fflush(stdout);
	pid_t child = fork();

	if (child == 0) {
		struct rlimit limit = {256 << 20, 256 << 20};
		struct key_file f = key_file_of_text("$NACL");
		struct error err = {0};
		bool ok;

		f.is_encrypted = true;
		ok = setrlimit(RLIMIT_AS, &limit) == 0 && !key_file_unlock(&f, "x", 1, &err) &&
		     err.code == ERROR_MISSING && f.is_encrypted &&
		     strcmp(err.message, "'k': needs 512 MiB of memory to make a key of the "
					 "password") == 0;
		_exit(ok ? 0 : 1);
	}
	int status = 1;

	CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

static bool import(const char *text, const char *password, struct wallet_key *k, struct error *err)
{
	auto_key_file f = key_file_of_text(text);

	return key_file_import(&f, password, strlen(password), k, err);
}

/* The golden export with `old` replaced. */
static char *changed(const struct json *row, const char *old, const char *new)
{
	auto_text text = {0};

	json_write(json_find(row, "json"), &text);
	const char *at = strstr(text_str(&text), old);

	CHECK(at != NULL);
	return at ? xprintf("%.*s%s%s", (int)(at - text_str(&text)), text_str(&text), new,
			    at + strlen(old))
		  : xstrdup("");
}

TEST(polkadot)
{
	static const struct {
		const char *old;
		const char *new;
		const char *message;
	} cases[] = {
		{"\"3\"", "\"2\"", "'k': is an export of an unknown version"},
		{"\"pkcs8\"", "\"pkcs9\"",
		 "'k': is another kind of key; keys of Bittensor are sr25519"},
		{"\"scrypt\"", "\"none\"", "'k': is encrypted in an unknown way, or not at all"},
		{"\"scrypt\",", "", "'k': is encrypted in an unknown way, or not at all"},
		{"\"encoding\"", "\"Encoding\"", "'k': is no export of polkadot-js"},
		{"\"encoded\"", "\"Encoded\"", "'k': is no export of polkadot-js"},
		{"sqM3", "sq*3", "'k': member 'encoded': not base64"},
		/* N, p and r of scrypt */
		{"1okAgAAAAQAAAAgA", "1okAEAAAAQAAAAgA", UNKNOWN_HASH},
		{"1okAgAAAAQAAAAgA", "1okAAAQAAQAAAAgA", UNKNOWN_HASH},
		{"1okAgAAAAQAAAAgA", "1okAgQAAAQAAAAgA", UNKNOWN_HASH},
		{"1okAgAAAAQAAAAgA", "1okAgAAAAAAAAAgA", UNKNOWN_HASH},
		{"1okAgAAAAQAAAAgA", "1okAgAAACwAAAAgA", UNKNOWN_HASH},
		{"1okAgAAAAQAAAAgA", "1okAgAAAAQAAAAcA", UNKNOWN_HASH},
		{"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY", ADDRESS,
		 "'k': member 'address' is of another key than 'encoded'"},
	};
	auto_json struct json *document = vectors_load("wallet/key_files.json");
	const struct json *rows = json_find(document, "polkadotjs_v3");
	auto_free char *text = changed(json_at(rows, 0), "", "");
	auto_free char *other = changed(json_at(rows, 1), "", "");
	auto_wallet_key k = {0};
	struct error err = {0};

	CHECK_OK(import(text, "test", &k, &err), err);
	CHECK_TEXT(k.address, vector_text(json_at(rows, 0), "expect_ss58"));
	CHECK(k.key && !sr25519_key_seed(k.key) && !k.phrase.bytes);
	CHECK(!import(text, "Test", &k, &err) && err.code == ERROR_AUTH);
	CHECK_TEXT(err.message, "'k': wrong password, or a damaged file");
	CHECK(!import(other, "test", &k, &err));
	CHECK_TEXT(err.message, "'k': is another kind of key; keys of Bittensor are sr25519");
	CHECK_TEXT(err.hint, "export an account whose crypto type is sr25519");
	for (size_t i = 0; i < array_len(cases); i++) {
		auto_free char *bad_text = changed(json_at(rows, 0), cases[i].old, cases[i].new);

		CHECK(!import(bad_text, "test", &k, &err) && err.code == ERROR_FAILURE);
		CHECK_TEXT(err.message, cases[i].message);
		CHECK(err.hint[0] != '\0');
	}
	CHECK(k.key != NULL); /* as it was */
}
