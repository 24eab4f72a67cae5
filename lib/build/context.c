/* SPDX-License-Identifier: MIT */
#include "lib/build/context.h"

#include "lib/base/inside.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"
#include "lib/build/context_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>

/* --- opening */
static bool read_rules(struct context *c, const struct context_options *o, struct error *err)
{
	auto_text file = {0};

	ignore_add_builtin(&c->ignore);
	for (size_t i = 0; i < o->n_include; i++)
		if (!ignore_add_include(&c->ignore, o->include[i], err))
			return false;
	if (!o->ignore_file || !file_exists(o->ignore_file))
		return true;
	/* one byte more, so that the limit's own message is the one that is seen */
	return file_read(o->ignore_file, IGNORE_FILE_LIMIT + 1, &file, err) &&
	       ignore_add_file(&c->ignore, path_name(o->ignore_file), text_str(&file), file.len,
			       err);
}

static void hash_rules(const struct ignore *ig, unsigned char out[SHA256_BYTES])
{
	auto_text all = {0};

	for (size_t i = 0; i < ig->n; i++)
		text_addf(&all, "%s\n", ig->rules[i].text);
	for (size_t i = 0; i < ig->n_includes; i++)
		text_addf(&all, "include %s\n", ig->includes[i]);
	sha256_of(text_str(&all), all.len, out);
}

/* Timestamps of these have the resolution of the kernel's clock, and a directory's changes with
 * each name that comes or goes. Of others nothing is assumed. */
static bool has_fine_timestamps(int fd)
{
	static const long fine[] = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC,
				    TMPFS_MAGIC};
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return false;
	for (size_t i = 0; i < array_len(fine); i++)
		if ((long)fs.f_type == fine[i])
			return true;
	return false;
}

static void open_index(struct context *c, const char *directory)
{
	auto_free char *real = realpath(c->root_path, NULL);
	unsigned char hash[SHA256_BYTES];
	char hex[SHA256_HEX_SIZE];

	hash_rules(&c->ignore, hash);
	memcpy(c->new_rules, hash, sizeof(hash));
	if (!directory || !real)
		return;
	c->old.grain_ns = c->is_quick ? STAT_FINE_GRAIN_NS : STAT_COARSE_GRAIN_NS;
	sha256_of(real, strlen(real), hash);
	sha256_hex(hash, hex);
	c->index_path = xprintf("%s/%.16s", directory, hex);
	if (!stat_index_load(c->index_path, &c->root.st, &c->old)) {
		c->is_changed = true;
		return;
	}
	c->root.row = 0;
	c->has_same_rules = memcmp(c->old.header.rules, c->new_rules, SHA256_BYTES) == 0;
}

static bool open_root(struct context *c, const char *path, struct error *err)
{
	struct stat st;
	struct timespec now;

	c->root_path = xstrdup(path);
	c->root_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->root_fd < 0 || fstat(c->root_fd, &st) < 0)
		return fail_errno(err, "opening the context '%s'", shown(c, path));
	clock_gettime(CLOCK_REALTIME, &now);
	c->started_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	c->is_quick = has_fine_timestamps(c->root_fd);
	c->root = (struct node){.name = "", .st = file_stat_of(&st), .row = NO_ROW};
	return true;
}

bool context_open(const struct context_options *o, struct context **out, struct error *err)
{
	auto_context struct context *c = xcalloc(1, sizeof(*c));

	c->root_fd = -1;
	c->max_bytes = o->max_bytes ? o->max_bytes : CONTEXT_DEFAULT_BYTES;
	c->max_entries = o->max_entries ? o->max_entries : CONTEXT_DEFAULT_ENTRIES;
	if (!open_root(c, o->root, err) || !read_rules(c, o, err))
		return false;
	open_index(c, o->stat_directory);
	*out = take(c);
	return true;
}

void context_close(struct context *c)
{
	if (!c)
		return;
	fd_close(&c->root_fd);
	stat_index_release(&c->old);
	ignore_release(&c->ignore);
	free(c->index_path);
	free(c->root_path);
	arena_release(&c->arena);
	free(c);
}

/* --- keeping what was learned */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as paths are long */
static void save_node(const struct context *c, const struct node *node, struct stat_index *x)
{
	const struct stat_row *old = node->row == NO_ROW ? NULL : &c->old.rows[node->row];
	uint32_t i = stat_index_add(x, node->name, &node->st);

	x->rows[i].flags = (uint32_t)node->verdict << STAT_VERDICT_SHIFT;
	if (node->has_digest) {
		x->rows[i].flags |= STAT_HAS_DIGEST;
		memcpy(x->rows[i].sha256, node->sha256, SHA256_BYTES);
	}
	if (node->is_listed) {
		x->rows[i].flags |= STAT_IS_LISTED;
		for (size_t k = 0; k < node->n_children; k++)
			save_node(c, &node->children[k], x);
	} else if (old) {
		/* nobody looked into it this time */
		if (c->has_same_rules && stat_row_proves(&c->old, old, &node->st))
			x->rows[i].flags |= old->flags & STAT_IS_LISTED;
		stat_index_add_below(x, &c->old, node->row, c->has_same_rules);
	}
	x->rows[i].end = x->header.n_rows;
}

bool context_save(struct context *c, struct error *err)
{
	auto_stat_index x = {0};

	if (!c->index_path || !c->is_changed)
		return true;
	auto_free char *directory = path_directory(c->index_path);

	x.header.root_dev = c->root.st.dev;
	x.header.root_ino = c->root.st.ino;
	x.header.written_ns = c->started_ns;
	memcpy(x.header.rules, c->new_rules, sizeof(x.header.rules));
	save_node(c, &c->root, &x);
	if (!directory_make(directory, 0700, err) || !stat_index_save(c->index_path, &x, err))
		return false;
	c->is_changed = false;
	return true;
}
