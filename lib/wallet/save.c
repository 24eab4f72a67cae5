/* SPDX-License-Identifier: MIT */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/wallet/wallet.h"

#include <unistd.h>

enum { FILE_MODE = 0600, DIRECTORY_MODE = 0700 };

static bool fail_exists(const char *path, struct error *err)
{
	fail(err, ERROR_CONFLICT, "'%s' exists already", path);
	return fail_hint(err, "choose another name; replacing it loses the key that it holds");
}

static bool write_new(const char *path, const void *bytes, size_t len, struct error *err)
{
	if (file_write_new(path, bytes, len, FILE_MODE, err))
		return true;
	return err->code == ERROR_CONFLICT ? fail_exists(path, err) : false;
}

/* Both or none. */
static bool write_both(const char *path, const char *public_path, const struct secret *bytes,
		       const struct text *public, struct error *err)
{
	if (!write_new(path, bytes->bytes, bytes->len, err))
		return false;
	if (write_new(public_path, text_str(public), public->len, err))
		return true;
	unlink(path);
	return false;
}

/* The public file first: should anything end this in the middle, the old key is still there. */
static bool replace_both(const char *path, const char *public_path, const struct secret *bytes,
			 const struct text *public, struct error *err)
{
	return file_write(public_path, text_str(public), public->len, FILE_MODE, err) &&
	       file_write(path, bytes->bytes, bytes->len, FILE_MODE, err);
}

bool wallet_save(const struct wallet_place *place, const struct wallet_key *key,
		 const struct secret *password, bool replace, struct error *err)
{
	auto_free char *path = NULL;
	auto_free char *public_path = NULL;
	auto_secret bytes = {0};
	auto_text public = {0};

	if (!wallet_path(place->root, place->wallet, place->hotkey, false, &path, err) ||
	    !wallet_path(place->root, place->wallet, place->hotkey, true, &public_path, err))
		return false;
	/* before seconds are spent on the password */
	if (!replace && file_exists(path))
		return fail_exists(path, err);
	if (!replace && file_exists(public_path))
		return fail_exists(public_path, err);
	key_file_format(key, &bytes);
	if (password && !key_file_lock(&bytes, password->bytes, password->len, err))
		return fail_in(err, "encrypting '%s'", path);
	auto_free char *directory = path_directory(path);

	key_file_format_public(key, &public);
	return directory_make(directory, DIRECTORY_MODE, err) &&
	       (replace ? replace_both : write_both)(path, public_path, &bytes, &public, err);
}
