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

static bool write_file(const char *path, const void *bytes, size_t len, bool replace,
		       struct error *err)
{
	if (replace)
		return file_write(path, bytes, len, FILE_MODE, err);
	if (file_write_new(path, bytes, len, FILE_MODE, err))
		return true;
	return err->code == ERROR_CONFLICT ? fail_exists(path, err) : false;
}

/* Both or, where they are new, none. */
static bool write_both(const char *path, const char *public_path, const struct secret *bytes,
		       const struct wallet_key *key, bool replace, struct error *err)
{
	auto_text text = {0};

	key_file_format_public(key, &text);
	if (!write_file(path, bytes->bytes, bytes->len, replace, err))
		return false;
	if (write_file(public_path, text_str(&text), text.len, replace, err))
		return true;
	if (!replace)
		unlink(path);
	return false;
}

bool wallet_save(const struct wallet_place *place, const struct wallet_key *key,
		 const struct secret *password, bool replace, struct error *err)
{
	auto_free char *path = NULL;
	auto_free char *public_path = NULL;
	auto_secret bytes = {0};

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

	return directory_make(directory, DIRECTORY_MODE, err) &&
	       write_both(path, public_path, &bytes, key, replace, err);
}
