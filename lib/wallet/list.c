/* SPDX-License-Identifier: MIT */
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/strings.h"
#include "lib/base/tree.h"
#include "lib/wallet/wallet.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static const char public_end[] = WALLET_PUBLIC_END;

static void entry_release(struct wallet_entry *e)
{
	free(e->wallet);
	free(e->hotkey);
	free(e->problem);
	free(e->hint);
}

void wallet_list_release(struct wallet_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		entry_release(&l->items[i]);
	free(l->items);
	*l = (struct wallet_list){0};
}

static struct wallet_entry *add_entry(struct wallet_list *l, const char *wallet, const char *hotkey)
{
	l->items = list_grow(l->items, l->n, &l->capacity, sizeof(*l->items));
	struct wallet_entry *e = &l->items[l->n++];

	*e = (struct wallet_entry){.wallet = xstrdup(wallet),
				   .hotkey = hotkey ? xstrdup(hotkey) : NULL};
	return e;
}

/* The first thing that is wrong is what is told. */
static void note(struct wallet_entry *e, const struct error *err)
{
	if (e->problem)
		return;
	e->problem = xstrdup(err->message);
	e->hint = err->hint[0] ? xstrdup(err->hint) : NULL;
}

/* The address that a file tells; "" when it is encrypted. */
static bool read_address(const struct key_file *f, char *out, struct error *err)
{
	auto_wallet_key key = {0};

	if (f->is_encrypted)
		return true;
	if (!key_file_public(f, &key, err))
		return false;
	memcpy(out, key.address, SS58_TEXT_SIZE);
	return true;
}

/* As digits and words are. */
static bool is_plain_text(const struct secret *bytes)
{
	for (size_t i = 0; i < bytes->len; i++)
		if (bytes->bytes[i] >= 0x7f ||
		    (bytes->bytes[i] < ' ' && !strchr("\t\r\n", (char)bytes->bytes[i])))
			return false;
	return !memchr(bytes->bytes, '\0', bytes->len);
}

static void look_at_secret(struct wallet_entry *e, const char *path)
{
	auto_key_file f = {0};
	struct error err;

	e->has_secret = true;
	if (!key_file_load(path, &f, &err)) {
		note(e, &err);
		return;
	}
	e->is_encrypted = f.is_encrypted;
	e->is_exposed = f.is_exposed;
	/* files of one bare secret say nothing of their public key: the file beside them does */
	bool is_read = read_address(&f, e->address, &err);

	if (!is_read && (f.bytes.bytes[0] == '{' || !is_plain_text(&f.bytes)))
		note(e, &err);
}

static void look_at_public(struct wallet_entry *e, const char *path)
{
	char address[SS58_TEXT_SIZE] = "";
	auto_key_file f = {0};
	struct error err;

	if (!key_file_load(path, &f, &err) || !read_address(&f, address, &err)) {
		note(e, &err);
		return;
	}
	if (e->address[0] != '\0' && address[0] != '\0' && strcmp(address, e->address) != 0) {
		fail(&err, ERROR_FAILURE, "'%s' is of another key than the file beside it", path);
		fail_hint(&err, "find out which of both is the key, and move the other away");
		note(e, &err);
	}
	if (e->address[0] == '\0')
		memcpy(e->address, address, sizeof(address));
}

/* `name` is the secret file's. */
static void look_at(struct wallet_entry *e, const char *directory, const char *name)
{
	auto_free char *path = path_join(directory, name);
	auto_free char *public_path = xprintf("%s%s", path, public_end);

	if (file_exists(path))
		look_at_secret(e, path);
	if (file_exists(public_path))
		look_at_public(e, public_path);
}

/* Names in a directory; none when it is not there. */
static bool list_names(const char *path, struct strings *out, struct error *err)
{
	auto_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && !file_exists(path))
		return true;
	if (fd < 0)
		return fail_errno(err, "cannot open '%s'", path);
	return directory_list(fd, out, err) || fail_in(err, "'%s'", path);
}

/* Sorted, so the secret file of a public one is looked for by halving. */
static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool has_name(const struct strings *names, const char *name)
{
	return names->n > 0 &&
	       bsearch(&name, names->items, names->n, sizeof(*names->items), compare_names);
}

/* What file_write() leaves behind when it is killed: NAME.PID.NUMBER.tmp. */
static bool is_temporary(const char *name)
{
	size_t len = strlen(name);

	if (!text_ends_with(name, ".tmp"))
		return false;
	len -= strlen(".tmp");
	for (int i = 0; i < 2; i++) {
		size_t end = len;

		while (len > 0 && name[len - 1] >= '0' && name[len - 1] <= '9')
			len--;
		if (len == end || len == 0 || name[--len] != '.')
			return false;
	}
	return true;
}

static void add_hotkey(struct wallet_list *l, const char *wallet, const char *directory,
		       const char *name, const struct strings *names)
{
	size_t end = sizeof(public_end) - 1;
	bool is_public = strlen(name) > end && text_ends_with(name, public_end);
	auto_free char *bare = xstrndup(name, strlen(name) - (is_public ? end : 0));

	if (*name == '.' || is_temporary(name) || (is_public && has_name(names, bare)))
		return;
	look_at(add_entry(l, wallet, bare), directory, bare);
}

static void add_wallet(struct wallet_list *l, const char *root, const char *wallet)
{
	auto_free char *directory = path_join(root, wallet);
	auto_free char *hotkeys = path_join(directory, "hotkeys");
	auto_free char *coldkey = path_join(directory, "coldkey");
	auto_free char *coldkey_public = path_join(directory, "coldkey" WALLET_PUBLIC_END);
	auto_strings names = {0};
	struct wallet_entry *e = NULL;
	struct error err;

	if (file_exists(coldkey) || file_exists(coldkey_public)) {
		e = add_entry(l, wallet, NULL);
		look_at(e, directory, "coldkey");
	}
	if (!list_names(hotkeys, &names, &err))
		note(e ? e : add_entry(l, wallet, NULL), &err);
	for (size_t i = 0; i < names.n; i++)
		add_hotkey(l, wallet, hotkeys, names.items[i], &names);
}

void wallet_list_one(const char *root, const char *wallet, struct wallet_list *out)
{
	wallet_list_release(out);
	add_wallet(out, root, wallet);
}

bool wallet_list(const char *root, struct wallet_list *out, struct error *err)
{
	auto_strings names = {0};
	auto_wallet_list list = {0};

	if (!list_names(root, &names, err))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		auto_free char *path = path_join(root, names.items[i]);

		if (*names.items[i] != '.' && directory_exists(path))
			add_wallet(&list, root, names.items[i]);
	}
	wallet_list_release(out);
	*out = list;
	list = (struct wallet_list){0};
	return true;
}
