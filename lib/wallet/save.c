/* SPDX-License-Identifier: MIT */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/wallet/wallet.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { FILE_MODE = 0600, DIRECTORY_MODE = 0700 };

/* What is written of a key, made before anything is. */
struct files {
	const struct wallet_item *item;
	char *path;
	char *public_path;
	struct secret bytes;
};

static void files_release(struct files *f)
{
	free(f->path);
	free(f->public_path);
	secret_release(&f->bytes);
}

static bool fail_exists(const char *path, struct error *err)
{
	fail(err, ERROR_CONFLICT, "'%s' exists already", path);
	return fail_hint(err, "choose another name; replacing it loses the key that it holds");
}

static bool prepare(const struct wallet_item *item, struct files *out, struct error *err)
{
	const struct wallet_place *p = &item->place;
	const struct secret *password = item->password;

	out->item = item;
	if (!wallet_path(p->root, p->wallet, p->hotkey, false, &out->path, err) ||
	    !wallet_path(p->root, p->wallet, p->hotkey, true, &out->public_path, err))
		return false;
	/* before seconds are spent on the password */
	if (!item->replace && file_exists(out->path))
		return fail_exists(out->path, err);
	if (!item->replace && file_exists(out->public_path))
		return fail_exists(out->public_path, err);
	key_file_format(item->key, &out->bytes);
	if (password && !key_file_lock(&out->bytes, password->bytes, password->len, err))
		return fail_in(err, "encrypting '%s'", out->path);
	return true;
}

static bool write_new(const char *path, const void *bytes, size_t len, struct error *err)
{
	if (file_write_new(path, bytes, len, FILE_MODE, err))
		return true;
	return err->code == ERROR_CONFLICT ? fail_exists(path, err) : false;
}

/* Both or none. */
static bool write_both(const struct files *f, const struct text *public, struct error *err)
{
	if (!write_new(f->path, f->bytes.bytes, f->bytes.len, err))
		return false;
	if (write_new(f->public_path, text_str(public), public->len, err))
		return true;
	unlink(f->path);
	return false;
}

/* The public file first: should anything end this in the middle, the old key is still there. */
static bool replace_both(const struct files *f, const struct text *public, struct error *err)
{
	return file_write(f->public_path, text_str(public), public->len, FILE_MODE, err) &&
	       file_write(f->path, f->bytes.bytes, f->bytes.len, FILE_MODE, err);
}

/* Of two that write, one waits: else a file of each might stay. */
static bool lock(const char *directory, int *out, struct error *err)
{
	auto_fd int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return fail_errno(err, "locking '%s'", directory);
	*out = fd_take(&fd);
	return true;
}

static bool write_item(const struct files *f, struct error *err)
{
	auto_fd int locked = -1;
	auto_free char *directory = path_directory(f->path);
	auto_text public = {0};

	key_file_format_public(f->item->key, &public);
	return directory_make(directory, DIRECTORY_MODE, err) && lock(directory, &locked, err) &&
	       (f->item->replace ? replace_both : write_both)(f, &public, err);
}

static void take_back(const struct files *f)
{
	if (f->item->replace)
		return;
	unlink(f->public_path);
	unlink(f->path);
}

/* All or, where they are new, none, and no directory that was not there before. */
static bool write_all(const struct files *files, size_t n, struct error *err)
{
	const struct wallet_place *place = &files[0].item->place;
	auto_free char *wallet = path_join(place->root, place->wallet);
	auto_free char *hotkeys = path_join(wallet, "hotkeys");
	bool had_wallet = directory_exists(wallet);
	bool had_hotkeys = directory_exists(hotkeys);

	for (size_t i = 0; i < n; i++) {
		if (write_item(&files[i], err))
			continue;
		while (i > 0)
			take_back(&files[--i]);
		/* what is in them keeps them */
		if (!had_hotkeys)
			rmdir(hotkeys);
		if (!had_wallet)
			rmdir(wallet);
		if (err->is_full)
			fail_hint(err, "free space there, or name another directory with "
				       "--wallets-path");
		return false;
	}
	return true;
}

bool wallet_save_all(const struct wallet_item *items, size_t n, struct error *err)
{
	struct files files[WALLET_ITEMS_MAX] = {0};
	bool ok = true;

	assert(n >= 1 && n <= WALLET_ITEMS_MAX);
	for (size_t i = 0; i < n && ok; i++)
		ok = prepare(&items[i], &files[i], err);
	ok = ok && write_all(files, n, err);
	for (size_t i = 0; i < n; i++)
		files_release(&files[i]);
	return ok;
}

bool wallet_save(const struct wallet_place *place, const struct wallet_key *key,
		 const struct secret *password, bool replace, struct error *err)
{
	const struct wallet_item item = {*place, key, password, replace};

	return wallet_save_all(&item, 1, err);
}
