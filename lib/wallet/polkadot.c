/* SPDX-License-Identifier: MIT
 * Exports of polkadot-js, version 3: JSON around an encrypted PKCS #8, or something like it.
 */
#include "lib/base/text.h"
#include "lib/wallet/key_file.h"
#include "lib/wallet/members_internal.h"
#include "lib/wallet/sealed_internal.h"

#include <string.h>

/* What is decrypted: a head, the secret, a divider, the public key. */
enum {
	HEAD_BYTES = 16,
	DIVIDER_BYTES = 5,
	DIVIDER_AT = HEAD_BYTES + SR25519_SECRET_BYTES,
	PUBLIC_AT = DIVIDER_AT + DIVIDER_BYTES,
	PLAIN_BYTES = PUBLIC_AT + SR25519_PUBLIC_BYTES,
};
static const unsigned char head[HEAD_BYTES] = {0x30, 0x53, 0x02, 0x01, 0x01, 0x30, 0x05, 0x06,
					       0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
static const unsigned char divider[DIVIDER_BYTES] = {0xa1, 0x23, 0x03, 0x21, 0x00};

/* A list of exactly these two, which is a slice of the document. */
static bool is_pair(const struct member *list, const char *first, const char *second)
{
	struct members m;
	struct error ignored; /* whatever it is, it is not this list */

	return list && list->kind == MEMBER_OTHER &&
	       members_parse(list->inside, list->value.len, &m, &ignored) && m.n == 2 &&
	       slice_equals(m.items[0].value, first) && slice_equals(m.items[1].value, second);
}

static bool check_encoding(const struct member *encoding, struct error *err)
{
	struct members m;

	if (!encoding || encoding->kind != MEMBER_OTHER ||
	    !members_parse(encoding->inside, encoding->value.len, &m, err))
		return fail(err, ERROR_FAILURE, "is no export of polkadot-js");
	const struct member *version = members_find(&m, "version");

	if (!version || !slice_equals(version->value, "3"))
		return fail(err, ERROR_FAILURE, "is an export of an unknown version");
	if (!is_pair(members_find(&m, "content"), "pkcs8", "sr25519")) {
		fail(err, ERROR_FAILURE, "is another kind of key; keys of Bittensor are sr25519");
		return fail_hint(err, "export an account whose crypto type is sr25519");
	}
	return is_pair(members_find(&m, "type"), "scrypt", "xsalsa20-poly1305") ||
	       fail(err, ERROR_FAILURE, "is encrypted in an unknown way, or not at all");
}

/* The address of an export may be of any network: the key is the same. */
static bool check_address(const struct member *address, const unsigned char *public_key,
			  struct error *err)
{
	char text[SS58_TEXT_SIZE] = {0};
	struct ss58 parsed;

	if (!address)
		return true;
	if (address->kind != MEMBER_TEXT || address->value.len >= sizeof(text))
		return fail(err, ERROR_FAILURE, "member 'address' is no address");
	memcpy(text, address->value.at, address->value.len);
	if (!ss58_parse(text, &parsed, err)) {
		err->code = ERROR_FAILURE;
		return fail_in(err, "member 'address'");
	}
	return (parsed.len == SR25519_PUBLIC_BYTES &&
		memcmp(parsed.account, public_key, SR25519_PUBLIC_BYTES) == 0) ||
	       fail(err, ERROR_FAILURE, "member 'address' is of another key than 'encoded'");
}

static bool read_plain(const struct secret *plain, struct wallet_key *key, struct error *err)
{
	if (plain->len != PLAIN_BYTES || !secret_equals(plain->bytes, head, HEAD_BYTES) ||
	    !secret_equals(plain->bytes + DIVIDER_AT, divider, DIVIDER_BYTES))
		return fail(err, ERROR_FAILURE, "member 'encoded': holds no secret key");
	if (!sr25519_key_of_ed25519_secret(plain->bytes + HEAD_BYTES, &key->key, err)) {
		err->code = ERROR_FAILURE;
		return fail_in(err, "member 'encoded'");
	}
	memcpy(key->public_key, sr25519_key_public(key->key), SR25519_PUBLIC_BYTES);
	ss58_format_key(key->public_key, key->address);
	return memcmp(plain->bytes + PUBLIC_AT, key->public_key, SR25519_PUBLIC_BYTES) == 0 ||
	       fail(err, ERROR_FAILURE, "member 'encoded': its secret is of another key");
}

/* The members of a file; `bytes` is what they point into. */
static bool read_members(const struct key_file *f, struct secret *bytes, struct members *out,
			 struct error *err)
{
	secret_init(bytes, f->bytes.len);
	memcpy(bytes->bytes, f->bytes.bytes, bytes->len);
	return members_parse((char *)bytes->bytes, bytes->len, out, err);
}

bool key_file_is_export(const struct key_file *f)
{
	auto_secret bytes = {0};
	struct members m;
	struct error ignored; /* then it is none */

	return read_members(f, &bytes, &m, &ignored) && members_find(&m, "encoded") &&
	       members_find(&m, "encoding");
}

static bool import(const struct key_file *f, struct slice password, struct wallet_key *out,
		   struct error *err)
{
	auto_secret bytes = {0};
	auto_secret plain = {0};
	auto_wallet_key key = {0};
	struct members m;

	if (!read_members(f, &bytes, &m, err))
		return false;
	const struct member *encoded = members_find(&m, "encoded");

	if (!encoded || encoded->kind != MEMBER_TEXT)
		return fail(err, ERROR_FAILURE, "is no export of polkadot-js");
	if (!check_encoding(members_find(&m, "encoding"), err) ||
	    !polkadot_open(encoded->value, password, &plain, err) ||
	    !read_plain(&plain, &key, err) ||
	    !check_address(members_find(&m, "address"), key.public_key, err))
		return false;
	wallet_key_release(out);
	*out = key;
	key = (struct wallet_key){0};
	return true;
}

bool key_file_import(const struct key_file *f, const void *password, size_t len,
		     struct wallet_key *out, struct error *err)
{
	if (import(f, (struct slice){password, len}, out, err))
		return true;
	if (err->hint[0] == '\0')
		fail_hint(err, "export the account from polkadot-js again");
	return fail_in(err, "'%s'", f->path);
}
