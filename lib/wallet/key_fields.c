/* SPDX-License-Identifier: MIT
 * What the bytes of a key file say, and whether it agrees with itself.
 */
#include "lib/wallet/key_file.h"

#include "lib/base/text.h"
#include "lib/crypto/mnemonic.h"
#include "lib/wallet/key_file_internal.h"
#include "lib/wallet/members_internal.h"
#include "lib/wallet/sealed_internal.h"

#include <string.h>

enum { PUBLIC_DIGITS = 2 * SR25519_PUBLIC_BYTES, SECRET_DIGITS = 2 * SR25519_SECRET_BYTES };

/* In the order in which they are believed where two disagree and a third does not decide. */
enum field {
	FIELD_ADDRESS,
	FIELD_PUBLIC,
	FIELD_ACCOUNT,
	FIELD_PHRASE,
	FIELD_SEED,
	FIELD_PRIVATE,
	N_FIELDS,
	FIRST_SECRET = FIELD_PHRASE,
};

static const char *const field_names[N_FIELDS] = {
	[FIELD_ADDRESS] = "ss58Address", [FIELD_PUBLIC] = "publicKey",
	[FIELD_ACCOUNT] = "accountId",   [FIELD_PHRASE] = "secretPhrase",
	[FIELD_SEED] = "secretSeed",     [FIELD_PRIVATE] = "privateKey",
};

/* What a file has: slices of its bytes, and what follows from each. */
struct fields {
	struct slice text[N_FIELDS]; /* `at` is NULL where there is none */
	bool is_known[N_FIELDS];     /* public_key holds what follows */
	unsigned char public_key[N_FIELDS][SR25519_PUBLIC_BYTES];
	struct sr25519_key *key[N_FIELDS]; /* of those that are secrets */
};

#define auto_fields __attribute__((cleanup(fields_release))) struct fields
static void fields_release(struct fields *f)
{
	for (size_t i = 0; i < N_FIELDS; i++)
		sr25519_key_free(f->key[i]);
}

static bool fail_ed25519(struct error *err)
{
	fail(err, ERROR_FAILURE, "is an ed25519 key; keys of Bittensor are sr25519");
	return fail_hint(err, "use a wallet whose key is sr25519, or make a new one");
}

static struct slice without_prefix(struct slice s)
{
	if (s.len >= 2 && s.at[0] == '0' && (s.at[1] == 'x' || s.at[1] == 'X'))
		return (struct slice){s.at + 2, s.len - 2};
	return s;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static struct slice trimmed(struct slice s)
{
	while (s.len > 0 && is_blank(s.at[0]))
		s = (struct slice){s.at + 1, s.len - 1};
	while (s.len > 0 && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

/* The kind of key: a number, or that number as text; absent in files of most versions. */
static bool check_type(const struct members *m, struct error *err)
{
	static const char *const unknown[] = {"accountType", "signingScheme", "hashedDescriptor"};
	const struct member *type = members_find(m, "cryptoType");

	for (size_t i = 0; i < array_len(unknown); i++)
		if (members_find(m, unknown[i])) {
			fail(err, ERROR_FAILURE, "field '%s': an account of an unknown kind",
			     unknown[i]);
			return fail_hint(err, "use a wallet that is one sr25519 key");
		}
	if (!type)
		return true;
	if (slice_equals(type->value, "0"))
		return fail_ed25519(err) || fail_in(err, "field 'cryptoType'");
	return (type->kind != MEMBER_OTHER && slice_equals(type->value, "1")) ||
	       fail(err, ERROR_FAILURE, "field 'cryptoType': an unknown kind of key");
}

static bool check_export(const struct members *m, struct error *err)
{
	if (!members_find(m, "encoded") || !members_find(m, "encoding"))
		return true;
	fail(err, ERROR_FAILURE, "is an export of polkadot-js, and no key file");
	return fail_hint(err, "import it, with the password that it was exported with");
}

static bool read_object(char *bytes, size_t len, struct fields *f, struct error *err)
{
	struct members m;

	if (!members_parse(bytes, len, &m, err))
		return false;
	if (!check_export(&m, err) || !check_type(&m, err))
		return false;
	for (size_t i = 0; i < N_FIELDS; i++) {
		const struct member *member = members_find(&m, field_names[i]);

		if (!member)
			continue;
		if (member->kind != MEMBER_TEXT)
			return fail(err, ERROR_FAILURE, "field '%s' is not text", field_names[i]);
		f->text[i] = member->value;
	}
	return true;
}

static bool is_words(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.at[i] < 'a' || s.at[i] > 'z') && !is_blank(s.at[i]))
			return false;
	return s.len > 0;
}

/* Files that are one value. Of 64 digits the name of the file decides what they are: of a public
 * file the public key, of a secret file the seed. */
static bool read_bare(struct slice value, bool is_public, struct fields *f, struct error *err)
{
	struct slice digits = without_prefix(value);
	bool is_hex = secret_is_hex(digits);

	if (is_hex && digits.len == PUBLIC_DIGITS)
		f->text[is_public ? FIELD_PUBLIC : FIELD_SEED] = value;
	else if (is_hex && digits.len == SECRET_DIGITS && !is_public)
		f->text[FIELD_PRIVATE] = value;
	else if (is_words(value) && !is_public)
		f->text[FIELD_PHRASE] = value;
	else
		return fail(err, ERROR_FAILURE, "is no key file: neither JSON nor a key");
	return true;
}

static bool decode_public(struct slice text, unsigned char *out, struct error *err)
{
	if (!secret_of_hex(without_prefix(text), out, SR25519_PUBLIC_BYTES))
		return fail(err, ERROR_FAILURE, "is not %d hex digits", PUBLIC_DIGITS);
	return sr25519_public_check(out, err);
}

static bool decode_address(struct slice text, unsigned char *out, struct error *err)
{
	char address[SS58_TEXT_SIZE] = {0};

	if (text.len >= sizeof(address) || memchr(text.at, '\0', text.len))
		return fail(err, ERROR_FAILURE, "is no address");
	memcpy(address, text.at, text.len);
	return ss58_parse_key(address, out, err) && sr25519_public_check(out, err);
}

static bool decode_phrase(struct slice text, struct sr25519_key **out, struct error *err)
{
	auto_secret entropy = {0};
	auto_secret seed = {0};

	if (!mnemonic_parse(text.at, text.len, &entropy, err)) {
		err->hint[0] = '\0'; /* it may name a word */
		return false;
	}
	secret_init(&seed, MNEMONIC_SEED_BYTES);
	mnemonic_seed(&entropy, "", 0, seed.bytes);
	*out = sr25519_key_of_seed(seed.bytes);
	return true;
}

/* Some versions write the bytes of a seed as they are, behind "0x", when they happen to be UTF-8,
 * and cannot read that themselves. */
static bool decode_seed(struct slice text, struct sr25519_key **out, struct error *err)
{
	struct slice digits = without_prefix(text);
	auto_secret seed = {0};

	secret_init(&seed, SR25519_SEED_BYTES);
	if (digits.len == SR25519_SEED_BYTES && digits.len != text.len)
		memcpy(seed.bytes, digits.at, digits.len);
	else if (!secret_of_hex(digits, seed.bytes, seed.len))
		return fail(err, ERROR_FAILURE, "is not %d hex digits", PUBLIC_DIGITS);
	*out = sr25519_key_of_seed(seed.bytes);
	return true;
}

static bool decode_private(struct slice text, struct sr25519_key **out, struct error *err)
{
	struct slice digits = without_prefix(text);
	auto_secret secret = {0};

	secret_init(&secret, SR25519_SECRET_BYTES);
	if (digits.len == SR25519_SECRET_BYTES && secret_is_hex(digits))
		return fail_ed25519(err);
	if (!secret_of_hex(digits, secret.bytes, secret.len))
		return fail(err, ERROR_FAILURE, "is not %d hex digits", SECRET_DIGITS);
	return sr25519_key_of_secret(secret.bytes, out, err);
}

static bool decode(enum field field, struct fields *f, struct error *err)
{
	struct slice text = f->text[field];
	unsigned char *public_key = f->public_key[field];
	struct sr25519_key **key = &f->key[field];
	bool ok = field == FIELD_ADDRESS   ? decode_address(text, public_key, err)
		  : field == FIELD_PHRASE  ? decode_phrase(text, key, err)
		  : field == FIELD_SEED    ? decode_seed(text, key, err)
		  : field == FIELD_PRIVATE ? decode_private(text, key, err)
					   : decode_public(text, public_key, err);

	if (!ok) {
		err->code = ERROR_FAILURE;
		return fail_in(err, "field '%s'", field_names[field]);
	}
	if (*key)
		memcpy(public_key, sr25519_key_public(*key), SR25519_PUBLIC_BYTES);
	f->is_known[field] = true;
	return true;
}

static bool agree(const struct fields *f, size_t a, size_t b)
{
	return memcmp(f->public_key[a], f->public_key[b], SR25519_PUBLIC_BYTES) == 0;
}

/* The field that most of the others agree with; N_FIELDS when there is none. */
static size_t most_agreed(const struct fields *f)
{
	size_t best = N_FIELDS;
	size_t best_count = 0;

	for (size_t i = 0; i < N_FIELDS; i++) {
		size_t count = 0;

		for (size_t k = 0; k < N_FIELDS; k++)
			count += f->is_known[i] && f->is_known[k] && agree(f, i, k);
		if (count > best_count) {
			best = i;
			best_count = count;
		}
	}
	return best;
}

static bool fail_mismatch(size_t field, size_t other, struct error *err)
{
	return fail(err, ERROR_FAILURE, "field '%s' is of another key than '%s'",
		    field_names[field], field_names[other]);
}

/* All of one key. A secret has two halves, of which the public key shows the first only. */
static bool check_agreement(const struct fields *f, size_t best, struct error *err)
{
	const struct sr25519_key *private_key = f->key[FIELD_PRIVATE];
	size_t origin = f->key[FIELD_PHRASE] ? FIELD_PHRASE : FIELD_SEED;

	for (size_t i = 0; i < N_FIELDS; i++)
		if (f->is_known[i] && !agree(f, i, best))
			return fail_mismatch(i, best, err);
	if (private_key && f->key[origin] &&
	    !secret_equals(sr25519_key_secret(private_key), sr25519_key_secret(f->key[origin]),
			   SR25519_SECRET_BYTES))
		return fail_mismatch(FIELD_PRIVATE, origin, err);
	return true;
}

/* The words of a file with one blank between them, terminated. */
static bool keep_phrase(struct slice text, struct secret *out, struct error *err)
{
	auto_secret entropy = {0};

	if (!mnemonic_parse(text.at, text.len, &entropy, err))
		return false;
	mnemonic_format(&entropy, out);
	return true;
}

static bool fill(struct fields *f, size_t best, struct wallet_key *out, struct error *err)
{
	auto_wallet_key key = {0};
	size_t origin = f->key[FIELD_PHRASE] ? FIELD_PHRASE
			: f->key[FIELD_SEED] ? FIELD_SEED
					     : FIELD_PRIVATE;

	memcpy(key.public_key, f->public_key[best], sizeof(key.public_key));
	ss58_format_key(key.public_key, key.address);
	if (f->key[FIELD_PHRASE] && !keep_phrase(f->text[FIELD_PHRASE], &key.phrase, err))
		return false;
	key.key = take(f->key[origin]);
	wallet_key_release(out);
	*out = key;
	key = (struct wallet_key){0};
	return true;
}

static bool read_fields(struct slice value, char *bytes, bool is_public, struct fields *f,
			struct error *err)
{
	bool is_read = value.len > 0 && (*value.at == '{' || *value.at == '[')
			       ? read_object(bytes, value.len, f, err)
			       : read_bare(value, is_public, f, err);

	if (!is_read)
		return false;
	for (size_t i = 0; i < (is_public ? (size_t)FIRST_SECRET : (size_t)N_FIELDS); i++)
		if (f->text[i].at && !decode((enum field)i, f, err))
			return false;
	return true;
}

static bool parse(const struct key_file *file, bool is_public, struct wallet_key *out,
		  struct error *err)
{
	auto_secret bytes = {0};
	auto_fields f = {0};

	if (file->is_encrypted) {
		fail(err, ERROR_AUTH, "is encrypted");
		return fail_hint(err, "give the password of this file");
	}
	/* reading changes what it reads */
	secret_init(&bytes, file->bytes.len);
	memcpy(bytes.bytes, file->bytes.bytes, bytes.len);
	struct slice value = trimmed((struct slice){(const char *)bytes.bytes, bytes.len});
	char *start = (char *)bytes.bytes + (value.at - (const char *)bytes.bytes);

	if (!read_fields(value, start, is_public, &f, err))
		return false;
	size_t best = most_agreed(&f);

	if (best == N_FIELDS)
		return fail(err, ERROR_FAILURE, "has no key");
	if (!check_agreement(&f, best, err))
		return false;
	if (!is_public && !f.key[FIELD_PHRASE] && !f.key[FIELD_SEED] && !f.key[FIELD_PRIVATE]) {
		fail(err, ERROR_FAILURE, "has only a public key");
		return fail_hint(err, "put the file with the secret of this key in its place");
	}
	return fill(&f, best, out, err);
}

bool key_file_secret(const struct key_file *f, struct wallet_key *out, struct error *err)
{
	return parse(f, false, out, err) || key_file_fail(f->path, err);
}

bool key_file_public(const struct key_file *f, struct wallet_key *out, struct error *err)
{
	return parse(f, true, out, err) || key_file_fail(f->path, err);
}
