/* SPDX-License-Identifier: MIT */
#include "lib/wallet/key_file.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/wallet/key_file_internal.h"
#include "lib/wallet/sealed_internal.h"

#include <string.h>
#include <unistd.h>

void key_file_release(struct key_file *f)
{
	free(f->path);
	secret_release(&f->bytes);
	*f = (struct key_file){0};
}

void wallet_key_release(struct wallet_key *k)
{
	sr25519_key_free(k->key);
	secret_release(&k->phrase);
	*k = (struct wallet_key){0};
}

bool key_file_fail(const char *path, struct error *err)
{
	if (err->hint[0] == '\0')
		fail_hint(err, "restore the file from a backup, or make it again from its words");
	return fail_in(err, "'%s'", path);
}

/* A link that leads nowhere is told from a file that is not there. */
static bool fail_open(const char *path, struct error *err)
{
	if (err->code == ERROR_AUTH)
		return fail_hint(err, "run as the owner of the file, or let yourself read it");
	if (err->code != ERROR_NOT_FOUND || !file_exists(path))
		return fail_hint(err, "name a key file");
	fail(err, ERROR_NOT_FOUND, "'%s' is a link to a file that is not there", path);
	return fail_hint(err, "bring back the file that it leads to, or remove the link");
}

/* Straight into memory for secrets; a byte behind the end is a file that grows. */
static bool read_bytes(int fd, size_t len, struct secret *out, struct error *err)
{
	auto_secret bytes = {0};
	char more;

	secret_init(&bytes, len);
	int got = fd_read_exact(fd, bytes.bytes, len, err);

	if (got < 0)
		return false;
	if (got == 0 || read(fd, &more, 1) != 0)
		return fail(err, ERROR_FAILURE, "changed while it was read");
	secret_move(&bytes, out);
	return true;
}

static bool starts_with(const struct secret *bytes, const char *mark)
{
	return bytes->len >= strlen(mark) && memcmp(bytes->bytes, mark, strlen(mark)) == 0;
}

/* The encryptions that were used before $NACL. */
static bool check_old_encryption(const struct secret *bytes, struct error *err)
{
	const char *name = starts_with(bytes, "$ANSIBLE_VAULT") ? "ansible-vault"
			   : starts_with(bytes, "gAAAAA")       ? "Fernet"
								: NULL;

	if (!name)
		return true;
	fail(err, ERROR_FAILURE, "is encrypted with %s, as wallets of before 2023 are", name);
	return fail_hint(err, "convert it with the Python package bittensor 11, or make the key "
			      "again from its words");
}

static bool load(int fd, const char *path, struct key_file *out, struct error *err)
{
	auto_key_file file = {.path = xstrdup(path)};
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail_errno(err, "reading");
	if (st.st_size == 0)
		return fail(err, ERROR_FAILURE, "is empty");
	if (st.st_size > KEY_FILE_LIMIT)
		return fail(err, ERROR_FAILURE, "is no key file: more than %d bytes",
			    KEY_FILE_LIMIT);
	if (!read_bytes(fd, (size_t)st.st_size, &file.bytes, err) ||
	    !check_old_encryption(&file.bytes, err))
		return false;
	file.is_encrypted = starts_with(&file.bytes, NACL_MARK);
	if (file.is_encrypted && file.bytes.len < NACL_MIN_BYTES)
		return fail(err, ERROR_FAILURE,
			    "is cut off: an encrypted file has %d bytes or more", NACL_MIN_BYTES);
	file.is_exposed = (st.st_mode & 077) != 0;
	key_file_release(out);
	*out = file;
	file = (struct key_file){0};
	return true;
}

bool key_file_load(const char *path, struct key_file *out, struct error *err)
{
	auto_fd int fd = -1;

	if (!file_open(path, &fd, err))
		return fail_open(path, err);
	return load(fd, path, out, err) || key_file_fail(path, err);
}

bool key_file_unlock(struct key_file *f, const void *password, size_t len, struct error *err)
{
	auto_secret plain = {0};
	auto_secret key = {0};

	if (!f->is_encrypted)
		return true;
	if (!nacl_key(password, len, &key, err) || !nacl_open(&f->bytes, &key, &plain, err))
		return fail_in(err, "'%s'", f->path);
	secret_move(&plain, &f->bytes);
	f->is_encrypted = false;
	return true;
}

bool key_file_lock(struct secret *bytes, const void *password, size_t len, struct error *err)
{
	auto_secret key = {0};

	if (len < KEY_FILE_PASSWORD_MIN_BYTES)
		return fail(err, ERROR_USAGE, "the password of a key file has %d bytes or more",
			    KEY_FILE_PASSWORD_MIN_BYTES);
	if (!nacl_key(password, len, &key, err))
		return false;
	nacl_seal(bytes, &key, bytes);
	return true;
}
