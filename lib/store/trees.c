/* SPDX-License-Identifier: MIT
 * Extracted layers. A tree is a cache of a blob: overlay file systems are mounted without syncing,
 * so after a restart of the machine a tree that was never synced is not trusted and made again.
 */
#include "lib/store/store_internal.h"

#include "lib/base/path.h"
#include "lib/data/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { INFO_LIMIT = 4096 };

struct info {
	struct tree_info tree;
	struct digest id;
	char boot_id[40];
	bool is_synced;
};

/* t/<16 hex>: short, because a mount option lists many of them in one page. */
static char *tree_name(const struct digest *id) { return xprintf("t/%.16s", digest_hex(id)); }

static void read_boot_id(char out[40])
{
	auto_text text = {0};
	struct error ignored; /* an unknown boot is none that is trusted */

	out[0] = '\0';
	if (file_read("/proc/sys/kernel/random/boot_id", 64, &text, &ignored))
		snprintf(out, 40, "%.36s", text_str(&text));
}

static void format_info(const struct info *i, struct text *out)
{
	text_addf(out, "{\"v\":1,\"id\":\"%s\",\"diff_id\":\"%s\",\"entries\":%llu,\"bytes\":%llu,",
		  i->id.text, i->tree.diff_id.text, (unsigned long long)i->tree.n_entries,
		  (unsigned long long)i->tree.bytes);
	text_addf(out, "\"boot_id\":\"%s\",\"synced\":%s}\n", i->boot_id,
		  i->is_synced ? "true" : "false");
}

static bool parse_info(const struct text *text, struct info *out, struct error *err)
{
	auto_json struct json *j = NULL;
	struct info i = {0};
	const char *id = NULL;
	const char *diff_id = NULL;
	const char *boot_id = NULL;
	int64_t n_entries = 0;
	int64_t bytes = 0;

	if (!json_parse(text_str(text), text->len, INFO_LIMIT, &j, err) ||
	    !json_get_text(j, "id", &id, err) || !json_get_text(j, "diff_id", &diff_id, err) ||
	    !json_get_text(j, "boot_id", &boot_id, err) ||
	    !json_get_integer(j, "entries", &n_entries, err) ||
	    !json_get_integer(j, "bytes", &bytes, err) ||
	    json_find_bool(j, "synced", &i.is_synced, err) < 0 || !digest_parse(id, &i.id, err) ||
	    (*diff_id && !digest_parse(diff_id, &i.tree.diff_id, err)))
		return false;
	snprintf(i.boot_id, sizeof(i.boot_id), "%s", boot_id);
	i.tree.n_entries = (uint64_t)n_entries;
	i.tree.bytes = (uint64_t)bytes;
	*out = i;
	return true;
}

static bool load_info(struct store *s, const char *name, struct info *out, struct error *err)
{
	auto_free char *path = xprintf("%s/%s/info", s->path, name);
	auto_text text = {0};

	return file_read(path, INFO_LIMIT, &text, err) && parse_info(&text, out, err);
}

uint64_t store_tree_bytes(struct store *s, const char *name)
{
	struct info info;
	struct error ignored; /* an unreadable info counts as nothing */

	return load_info(s, name, &info, &ignored) ? info.tree.bytes : 0;
}

static bool is_trusted(struct store *s, const char *name, const struct digest *id)
{
	struct info info;
	struct error ignored; /* a tree without a readable info is no tree */
	char boot_id[40];

	if (!load_info(s, name, &info, &ignored) || !digest_is_equal(&info.id, id))
		return false;
	read_boot_id(boot_id);
	return info.is_synced || (*boot_id && strcmp(boot_id, info.boot_id) == 0);
}

int store_tree_find(struct store *s, const struct digest *id, char **path, struct error *err)
{
	auto_free char *name = tree_name(id);
	auto_free char *trash = NULL;

	if (!s->is_read_only && !store_lease(s, id, err))
		return -1;
	if (faccessat(s->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : (fail_errno(err, "'%s/%s'", s->path, name), -1);
	if (is_trusted(s, name, id)) {
		*path = xprintf("%s/%s/f", s->path, name);
		return 1;
	}
	if (s->is_read_only)
		return 0;
	if (!store_scratch_name(s, "trash", &trash, err))
		return -1;
	if (renameat(s->fd, name, s->fd, trash) < 0 && errno != ENOENT)
		return fail_errno(err, "moving away '%s/%s'", s->path, name), -1;
	return 0;
}

/* <scratch>/{f,info}, complete, to be renamed as a whole. */
static bool stage(struct store *s, const char *scratch, const char *upper, const struct info *info,
		  struct error *err)
{
	auto_free char *directory = path_join(s->path, scratch);
	auto_free char *f = path_join(directory, "f");
	auto_free char *info_path = path_join(directory, "info");
	auto_text text = {0};

	format_info(info, &text);
	if (mkdir(directory, 0700) < 0)
		return fail_errno(err, "creating directory '%s'", directory);
	if (rename(upper, f) < 0)
		return fail_errno(err, "moving '%s' into the store", upper);
	return file_create(info_path, text.bytes, text.len, 0600, err);
}

bool store_tree_commit(struct store *s, const struct digest *id, const char *upper,
		       const struct tree_info *tree, char **path, struct error *err)
{
	auto_free char *name = tree_name(id);
	auto_free char *scratch = NULL;
	auto_free char *existing = NULL;
	struct info info = {.tree = *tree, .id = *id};

	read_boot_id(info.boot_id);
	if (!store_check_writable(s, err) || !store_lease(s, id, err) ||
	    !store_scratch_name(s, "tree", &scratch, err) || !stage(s, scratch, upper, &info, err))
		return false;
	/* twice: a tree that cannot be trusted is moved away by the look between */
	for (int attempt = 0; attempt < 2; attempt++) {
		if (renameat(s->fd, scratch, s->fd, name) == 0)
			return *path = xprintf("%s/%s/f", s->path, name), true;
		if (errno != EEXIST && errno != ENOTEMPTY)
			return fail_errno(err, "naming tree '%s/%s'", s->path, name);
		int found = store_tree_find(s, id, &existing, err);

		if (found > 0) {
			struct error ignored; /* the rest goes with the scratch directory */
			bool is_gone maybe_unused = tree_remove(s->fd, scratch, &ignored);

			*path = take(existing);
			return true;
		}
		if (found < 0)
			return false;
	}
	return fail(err, ERROR_CONFLICT, "tree '%s/%s' is in the way", s->path, name);
}

/* A tree of this boot that may not be on disk yet. */
static bool is_unsynced(struct store *s, const char *name, const char *boot_id, struct info *info)
{
	struct error ignored; /* unreadable: never trusted, so never synced */

	return load_info(s, name, info, &ignored) && !info->is_synced &&
	       strcmp(info->boot_id, boot_id) == 0;
}

static bool mark_synced(struct store *s, const char *name, const char *boot_id, struct error *err)
{
	auto_free char *path = xprintf("%s/%s/info", s->path, name);
	auto_text text = {0};
	struct info info;

	if (!is_unsynced(s, name, boot_id, &info))
		return true;
	info.is_synced = true;
	format_info(&info, &text);
	return file_write_cache(path, text.bytes, text.len, 0600, err);
}

bool store_trees_sync(struct store *s, struct error *err)
{
	auto_strings names = {0};
	auto_strings unsynced = {0};
	char boot_id[40];
	struct info info;

	if (!store_check_writable(s, err) || !store_list(s, "t", &names, err))
		return false;
	read_boot_id(boot_id);
	for (size_t i = 0; i < names.n; i++) {
		auto_free char *name = path_join("t", names.items[i]);

		if (is_unsynced(s, name, boot_id, &info))
			strings_add(&unsynced, name);
	}
	if (unsynced.n > 0 && syncfs(s->fd) < 0)
		return fail_errno(err, "syncing '%s'", s->path);
	for (size_t i = 0; i < unsynced.n; i++)
		if (!mark_synced(s, unsynced.items[i], boot_id, err))
			return false;
	return true;
}
