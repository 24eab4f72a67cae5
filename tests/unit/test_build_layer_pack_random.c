/* SPDX-License-Identifier: MIT
 * Random changes to an overlay, packed, unpacked onto another overlay, three layers high: both show
 * the same files, and packing what was unpacked gives the same bytes.
 */
#include "lib/build/layer.h"

#include "lib/base/tree.h"
#include "tests/unit/layer_listing.h"
#include "tests/unit/overlay.h"

enum { N_LAYERS = 3, N_CHANGES = 120, N_SEEDS = 25 };

/* --- changes */

static uint64_t state;

static unsigned random_below(unsigned n)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(state >> 33) % n;
}

/* One to three names of four: few enough that changes meet. */
static const char *random_path(void)
{
	static char paths[2][16];
	static unsigned turn;
	char *path = paths[turn++ % 2];
	unsigned depth = 1 + random_below(3);

	path[0] = '\0';
	for (unsigned i = 0; i < depth; i++)
		snprintf(path + strlen(path), 16 - strlen(path), "%s%c", i ? "/" : "",
			 (int)('a' + random_below(4)));
	return path;
}

static void write_random(const char *path)
{
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	char content[8];

	snprintf(content, sizeof(content), "%u", random_below(1000));
	ssize_t written maybe_unused = fd >= 0 ? write(fd, content, strlen(content)) : 0;
}

/* What does not work (no parent, wrong kind) does nothing, which is fine. */
static void change(void)
{
	const char *path = random_path();
	struct error ignored;
	int done = 0;

	switch (random_below(14)) {
	case 0:
	case 1:
		write_random(path);
		break;
	case 2:
	case 3:
	case 4:
	case 5:
		done = mkdir(path, 0755);
		break;
	case 6:
	case 7:
		done = tree_remove_path(path, &ignored);
		break;
	case 8:
		done = symlink(random_path(), path);
		break;
	case 9:
		done = link(random_path(), path);
		break;
	case 10:
		done = rename(random_path(), path);
		break;
	case 11:
		done = chmod(path, random_below(07777));
		break;
	case 12:
		done = lchown(path, random_below(3), random_below(3));
		break;
	default:
		done = setxattr(path, "user.note", path, strlen(path), 0);
	}
	(void)done;
}

/* --- looks */

static void show(int directory_fd, const char *name, const char *path, struct text *out)
{
	struct stat st;
	char link[64] = "";
	char note[64] = "";
	auto_text content = {0};
	struct error err = {0};

	CHECK(fstatat(directory_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0);
	auto_fd int fd = openat(directory_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (S_ISLNK(st.st_mode))
		CHECK(readlinkat(directory_fd, name, link, sizeof(link) - 1) > 0);
	if (S_ISREG(st.st_mode))
		CHECK_OK(fd_read_all(fd, 1000, &content, &err), err);
	if (fd >= 0 && fgetxattr(fd, "user.note", note, sizeof(note) - 1) < 0)
		note[0] = '\0';
	text_addf(out, "%s %o %u:%u %lld %s<%s>[%s]\n", path, st.st_mode, st.st_uid, st.st_gid,
		  (long long)st.st_mtime, text_str(&content), link, note);
}

static void show_tree(int fd, const char *path, struct text *out)
{
	auto_strings names = {0};
	struct error err;

	CHECK_OK(directory_list(fd, &names, &err), err);
	for (size_t i = 0; i < names.n; i++) {
		auto_free char *below = xprintf("%s/%s", path, names.items[i]);
		auto_fd int child =
			openat(fd, names.items[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		show(fd, names.items[i], below, out);
		if (child >= 0)
			show_tree(child, below, out);
	}
}

/* --- two stacks of trees: "a0", "a1", … with the changes, "b0", … with what was unpacked */

static int mount_layer(char stack, int n)
{
	auto_text lowers = {0};
	char name[8];

	snprintf(name, sizeof(name), "%c%d", stack, n);
	if (!overlay_make(name))
		return -1;
	for (int i = n - 1; i >= 0; i--)
		text_addf(&lowers, "%c%d/upper:", stack, i);
	text_add(&lowers, "base");
	return overlay_mount_over(name, text_str(&lowers), "");
}

static bool pack_layer(char stack, int n, struct text *tar, struct error *err)
{
	auto_strings lowers = {0};
	auto_free char *upper = xprintf("%c%d/upper", stack, n);

	strings_add(&lowers, "base");
	for (int i = 0; i < n; i++)
		strings_addf(&lowers, "%c%d/upper", stack, i);
	const struct layer_pack_options o = {.upper = upper,
					     .lowers = (const char *const *)strings_argv(&lowers),
					     .n_lowers = lowers.n};

	return layer_pack(&o, sink_of_text(tar), &pack_stats, &pack_notes, err);
}

static bool unpack_layer(int root_fd, const struct text *tar, struct error *err)
{
	const struct layer_unpack_options o = {.root_fd = root_fd, .limits = tar_limits_default};
	struct memory m = {tar->bytes, tar->len};
	struct layer_stats stats;

	return layer_unpack(&o, source_of_memory(&m), &stats, &pack_notes, err);
}

static void check_layers(int n)
{
	auto_fd int a = mount_layer('a', n);
	auto_fd int b = mount_layer('b', n);
	auto_text want = {0};
	auto_text got = {0};
	auto_text tar = {0};
	auto_text again = {0};
	struct error err = {0};

	CHECK_OR_STOP(a >= 0 && b >= 0 && fchdir(a) == 0);
	for (int i = 0; i < N_CHANGES; i++)
		change();
	CHECK(chdir("../..") == 0);
	CHECK_OK(pack_layer('a', n, &tar, &err), err);
	CHECK_OK(unpack_layer(b, &tar, &err), err);
	show_tree(a, "", &want);
	show_tree(b, "", &got);
	CHECK_TEXT(text_str(&got), text_str(&want));
	CHECK_OK(pack_layer('b', n, &again, &err), err);
	CHECK(again.len == tar.len && memcmp(again.bytes, tar.bytes, tar.len) == 0);
	if (tap_failed) {
		auto_text lines = {0};

		list_layer(&tar, &lines);
		text_add(&lines, "--\n");
		list_layer(&again, &lines);
		printf("# layer %d:\n%s", n, text_str(&lines));
	}
}

TEST(there_and_back)
{
	if (!overlay_enter())
		SKIP("needs root and overlayfs");
	for (unsigned seed = 0; seed < N_SEEDS && !tap_failed; seed++) {
		char name[16];

		state = seed;
		snprintf(name, sizeof(name), "seed%u", seed);
		CHECK(mkdir(name, 0755) == 0 && chdir(name) == 0 && mkdir("base", 0755) == 0);
		for (int n = 0; n < N_LAYERS && !tap_failed; n++)
			check_layers(n);
		CHECK(chdir("/mnt") == 0);
		if (tap_failed)
			printf("# seed %u\n", seed);
	}
}
