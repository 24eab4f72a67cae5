/* SPDX-License-Identifier: MIT
 * What is written: its text, its modes, never over anything; and where wallets are. That the
 * wallet library reads it is in tests/sdk/test_wallets.py.
 */
#include "lib/wallet/wallet.h"

#include "lib/crypto/mnemonic.h"
#include "tests/unit/wallet_fixture.h"

static const char words[] = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

#define MAIN_PUBLIC "0x46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a"
#define MAIN_PRIVATE                                                                               \
	"0x05d65584630d16cd4af6d0bec10f34bb504a5dcb62dba2122d49f5a663763d0a"                       \
	"fd190cce74df356432b410bd64682309d6dedb27c76845daf388557cbac3ca34"
#define MAIN_SEED    "0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e"
#define MAIN_ADDRESS "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV"

static void key_of_words(struct wallet_key *out)
{
	auto_secret entropy = {0};
	struct error err = {0};

	CHECK_OK(mnemonic_parse(words, strlen(words), &entropy, &err), err);
	wallet_key_of_phrase(&entropy, out);
}

static bool is_text(const struct secret *bytes, const char *text)
{
	return bytes->len == strlen(text) && memcmp(bytes->bytes, text, bytes->len) == 0;
}

static void check_mode(const char *path, mode_t mode)
{
	struct stat st;

	CHECK(lstat(path, &st) == 0 && (st.st_mode & 07777) == mode);
}

TEST(format)
{
	auto_wallet_key key = {0};
	auto_secret bytes = {0};
	auto_text public = {0};

	key_of_words(&key);
	key_file_format(&key, &bytes);
	CHECK(is_text(&bytes,
		      "{\"accountId\":\"" MAIN_PUBLIC "\",\"publicKey\":\"" MAIN_PUBLIC
		      "\",\"privateKey\":\"" MAIN_PRIVATE "\",\"secretPhrase\":\"bottom "
		      "drive obey lake curtain smoke basket hold race lonely fit walk\","
		      "\"secretSeed\":\"" MAIN_SEED "\",\"ss58Address\":\"" MAIN_ADDRESS "\"}"));
	key_file_format_public(&key, &public);
	CHECK_TEXT(text_str(&public),
		   "{\"accountId\":\"" MAIN_PUBLIC "\",\"publicKey\":\"" MAIN_PUBLIC
		   "\",\"ss58Address\":\"" MAIN_ADDRESS "\"}");
}

/* What is not known of a key is not written. */
TEST(format_less)
{
	auto_wallet_key key = {0};
	auto_wallet_key less = {0};
	auto_secret bytes = {0};
	struct sr25519_key *bare = NULL;
	struct error err = {0};

	key_of_words(&key);
	wallet_key_of(sr25519_key_of_seed(sr25519_key_seed(key.key)), &less);
	key_file_format(&less, &bytes);
	CHECK(!memmem(bytes.bytes, bytes.len, "Phrase", 6));
	CHECK(memmem(bytes.bytes, bytes.len, "secretSeed", 10) != NULL);
	CHECK_OK(sr25519_key_of_secret(sr25519_key_secret(key.key), &bare, &err), err);
	wallet_key_of(bare, &less);
	key_file_format(&less, &bytes);
	CHECK(!memmem(bytes.bytes, bytes.len, "Seed", 4));
	CHECK(memmem(bytes.bytes, bytes.len, MAIN_PRIVATE, strlen(MAIN_PRIVATE)) != NULL);
}

TEST(round_trip)
{
	static const unsigned n_words[] = {12, 15, 18, 21, 24};

	for (size_t i = 0; i < array_len(n_words); i++) {
		auto_secret entropy = {0};
		auto_secret bytes = {0};
		auto_wallet_key key = {0};
		auto_wallet_key again = {0};
		struct error err = {0};

		CHECK_OK(mnemonic_make(n_words[i], &entropy, &err), err);
		wallet_key_of_phrase(&entropy, &key);
		key_file_format(&key, &bytes);
		auto_key_file f = key_file_of(bytes.bytes, bytes.len);

		CHECK_OK(key_file_secret(&f, &again, &err), err);
		CHECK_TEXT(again.address, key.address);
		CHECK_TEXT((const char *)again.phrase.bytes, (const char *)key.phrase.bytes);
	}
}

TEST(seal)
{
	auto_secret key = {0};
	auto_secret plain = {0};
	auto_secret sealed = {0};
	auto_secret again = {0};
	auto_secret opened = {0};
	struct error err = {0};

	secret_init(&key, 32);
	secret_init(&plain, 3);
	memcpy(plain.bytes, "abc", 3);
	nacl_seal(&plain, &key, &sealed);
	nacl_seal(&plain, &key, &again);
	CHECK(sealed.len == NACL_MIN_BYTES + 3 && memcmp(sealed.bytes, "$NACL", 5) == 0);
	/* never the same nonce */
	CHECK(memcmp(sealed.bytes, again.bytes, sealed.len) != 0);
	CHECK_OK(nacl_open(&sealed, &key, &opened, &err), err);
	CHECK(is_text(&opened, "abc"));
	for (size_t i = NACL_MARK_BYTES; i < sealed.len; i++) {
		sealed.bytes[i] ^= 1;
		CHECK(!nacl_open(&sealed, &key, &opened, &err) && err.code == ERROR_AUTH);
		sealed.bytes[i] ^= 1;
	}
}

TEST(short_password)
{
	auto_directory char *root = directory_new();
	struct wallet_place place = {root, "w", NULL};
	auto_wallet_key key = {0};
	auto_secret password = {0};
	struct error err = {0};

	key_of_words(&key);
	secret_init(&password, KEY_FILE_PASSWORD_MIN_BYTES - 1);
	CHECK(!wallet_save(&place, &key, &password, false, &err) && err.code == ERROR_USAGE);
	CHECK(strstr(err.message, "the password of a key file has 6 bytes or more") != NULL);
	auto_free char *path = path_join(root, "w");

	CHECK(!file_exists(path));
}

TEST(save)
{
	auto_directory char *top = directory_new();
	auto_free char *root = path_join(top, "a/wallets");
	struct wallet_place place = {root, "me", "dev"};
	auto_free char *secret = xprintf("%s/me/hotkeys/dev", root);
	auto_free char *public = xprintf("%s/me/hotkeys/devpub.txt", root);
	auto_free char *hotkeys = xprintf("%s/me/hotkeys", root);
	auto_free char *wallet = xprintf("%s/me", root);
	auto_free char *coldkey = xprintf("%s/me/coldkey", root);
	auto_wallet_key key = {0};
	auto_wallet_key again = {0};
	auto_key_file f = {0};
	struct error err = {0};

	key_of_words(&key);
	CHECK_OK(wallet_save(&place, &key, NULL, false, &err), err);
	check_mode(secret, 0600);
	check_mode(public, 0600);
	check_mode(hotkeys, 0700);
	check_mode(wallet, 0700);
	check_mode(root, 0700);
	CHECK_OK(key_file_load(secret, &f, &err), err);
	CHECK_OK(key_file_secret(&f, &again, &err), err);
	CHECK_TEXT(again.address, MAIN_ADDRESS);
	CHECK_OK(key_file_load(public, &f, &err), err);
	CHECK_OK(key_file_public(&f, &again, &err), err);
	CHECK_TEXT(again.address, MAIN_ADDRESS);
	place.hotkey = NULL;
	CHECK_OK(wallet_save(&place, &key, NULL, false, &err), err);
	check_mode(coldkey, 0600);
}

/* Neither file is written over, not even a link, and what one run wrote it takes back. */
TEST(never_over)
{
	static const char *const names[] = {"dev", "devpub.txt"};

	for (size_t i = 0; i < 2 * array_len(names); i++) {
		auto_directory char *root = directory_new();
		struct wallet_place place = {root, "me", "dev"};
		auto_free char *hotkeys = xprintf("%s/me/hotkeys", root);
		auto_free char *path = path_join(hotkeys, names[i % 2]);
		auto_free char *other = path_join(hotkeys, names[1 - i % 2]);
		auto_wallet_key key = {0};
		auto_text text = {0};
		struct error err = {0};

		key_of_words(&key);
		CHECK_OK(directory_make(hotkeys, 0700, &err), err);
		CHECK(i < 2 ? file_create(path, "old", 3, 0644, &err)
			    : symlink("nowhere", path) == 0);
		CHECK(!wallet_save(&place, &key, NULL, false, &err));
		CHECK(err.code == ERROR_CONFLICT && strstr(err.message, "' exists already"));
		CHECK_TEXT(err.hint,
			   "choose another name; replacing it loses the key that it holds");
		CHECK(!file_exists(other));
		if (i < 2) {
			CHECK_OK(file_read(path, 10, &text, &err), err);
			CHECK_TEXT(text_str(&text), "old");
		}
		CHECK_OK(wallet_save(&place, &key, NULL, true, &err), err);
		check_mode(path, 0600);
		check_mode(other, 0600);
	}
}

/* What ends a replacement in the middle leaves the old key. */
TEST(replaced_or_not)
{
	auto_directory char *root = directory_new();
	struct wallet_place place = {root, "me", "dev"};
	auto_free char *secret = xprintf("%s/me/hotkeys/dev", root);
	auto_free char *public = xprintf("%s/me/hotkeys/devpub.txt", root);
	auto_wallet_key key = {0};
	auto_text before = {0};
	auto_text after = {0};
	struct error err = {0};

	key_of_words(&key);
	CHECK_OK(wallet_save(&place, &key, NULL, false, &err), err);
	CHECK_OK(file_read(secret, 4096, &before, &err), err);
	CHECK(unlink(public) == 0 && mkdir(public, 0700) == 0);
	wallet_key_of(
		sr25519_key_of_seed((const unsigned char *)"12345678901234567890123456789012"),
		&key);
	CHECK(!wallet_save(&place, &key, NULL, true, &err));
	CHECK(strstr(err.message, "devpub.txt': Is a directory") != NULL);
	CHECK_OK(file_read(secret, 4096, &after, &err), err);
	CHECK_TEXT(text_str(&after), text_str(&before));
	CHECK(rmdir(public) == 0);
	CHECK_OK(wallet_save(&place, &key, NULL, true, &err), err);
	check_mode(public, 0600);
}

/* Of two keys both are written or, where they are new, none; directories go as they came. */
TEST(both_or_none)
{
	auto_directory char *root = directory_new();
	auto_free char *wallet = path_join(root, "me");
	auto_free char *coldkey = path_join(wallet, "coldkey");
	auto_free char *hotkeys = path_join(wallet, "hotkeys");
	auto_free char *hotkey = path_join(hotkeys, "dev");
	auto_wallet_key key = {0};
	struct error err = {0};

	key_of_words(&key);
	const struct wallet_item items[] = {{.place = {root, "me", NULL}, .key = &key},
					    {.place = {root, "me", "dev"}, .key = &key}};

	CHECK_OK(wallet_save_all(items, 2, &err), err);
	CHECK(file_exists(coldkey) && file_exists(hotkey));
	CHECK_OK(tree_remove_path(wallet, &err), err);
	/* the hotkey cannot be written, which shows when the coldkey was */
	CHECK_OK(directory_make(wallet, 0700, &err), err);
	CHECK_OK(file_create(hotkeys, "", 0, 0600, &err), err);
	CHECK(!wallet_save_all(items, 2, &err) && err.code == ERROR_CONFLICT);
	CHECK(!file_exists(coldkey) && directory_exists(wallet));
	/* a directory that was not there before */
	CHECK_OK(tree_remove_path(wallet, &err), err);
	CHECK(symlink("/nowhere/at/all", wallet) == 0);
	CHECK(!wallet_save_all(items, 2, &err));
	CHECK(unlink(wallet) == 0 && !file_exists(wallet));
}

TEST(places)
{
	static const struct {
		const char *given;
		const char *path;
	} cases[] = {{NULL, "/home/me/.bittensor/wallets"},
		     {"~/w/", "/home/me/w"},
		     {"/a//b/../c", "/a/c"},
		     {"~other/w", "~other/w"},
		     {"w", "w"}};
	struct error err = {0};

	setenv("HOME", "/home/me", 1);
	for (size_t i = 0; i < array_len(cases); i++) {
		auto_free char *path = NULL;

		CHECK_OK(wallet_root(cases[i].given, &path, &err), err);
		CHECK_TEXT(path, cases[i].path);
	}
	auto_free char *path = NULL;

	unsetenv("HOME");
	CHECK(!wallet_root(NULL, &path, &err) && err.code == ERROR_MISSING);
	CHECK_TEXT(err.message, "cannot tell where wallets are: HOME is not set to a directory");
	CHECK_TEXT(err.hint, "set HOME, or name the directory of the wallets");
	CHECK_OK(wallet_root("/w", &path, &err), err);
	/* what is in the current directory is nobody's home */
	setenv("HOME", "relative", 1);
	CHECK(!wallet_root(NULL, &path, &err) && err.code == ERROR_MISSING);
}

TEST(names)
{
	static const struct {
		const char *wallet;
		const char *hotkey;
		const char *message;
	} cases[] = {
		{"", NULL, "the name of a wallet is empty: ''"},
		{"..", NULL, "the name of a wallet begins with a dot: '..'"},
		{"a/b", NULL, "the name of a wallet has a '/': 'a/b'"},
		{"a", "", "the name of a hotkey is empty: ''"},
		{"a", ".b", "the name of a hotkey begins with a dot: '.b'"},
		{"a", "b/c", "the name of a hotkey has a '/': 'b/c'"},
		{"a", "bpub.txt", "the name of a hotkey ends in 'pub.txt': 'bpub.txt'"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_free char *path = NULL;
		struct error err = {0};

		CHECK(!wallet_path("/r", cases[i].wallet, cases[i].hotkey, false, &path, &err));
		CHECK(err.code == ERROR_USAGE && !path);
		CHECK_TEXT(err.message, cases[i].message);
		CHECK_TEXT(err.hint, strstr(cases[i].message, "ends in")
					     ? "leave that away: it is the end of files with "
					       "public keys"
					     : "give a name, not a path");
	}
}

TEST(passwords)
{
	auto_json struct json *document = vectors_load("wallet/key_files.json");
	const struct json *row = json_at(json_find(document, "env_password"), 0);
	const char *path = vector_text(row, "path");
	auto_secret password = {0};
	struct error err = {0};

	CHECK(wallet_password_find(path, &password, &err) == 0 && !password.bytes);
	setenv(vector_text(row, "var"), "", 1);
	CHECK(wallet_password_find(path, &password, &err) == 0);
	setenv(vector_text(row, "var"), vector_text(row, "value"), 1);
	CHECK(wallet_password_find(path, &password, &err) == 1);
	CHECK(is_text(&password, vector_text(row, "password")));
	setenv(vector_text(row, "var"), "secret!", 1);
	CHECK(wallet_password_find(path, &password, &err) == -1 && err.code == ERROR_FAILURE);
	CHECK(strstr(err.message, "COLDKEY': not base64") && !strstr(err.message, "secret!"));
	CHECK_TEXT(err.hint, "unset it, and give the password in another way");
}
