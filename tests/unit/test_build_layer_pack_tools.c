/* SPDX-License-Identifier: MIT
 * What tar(1) and Python's tarfile read in our layers is what is on the disk.
 */
#include "lib/build/layer.h"

#include "lib/base/process.h"
#include "lib/base/strings.h"
#include "lib/base/tree.h"
#include "tests/unit/layer_listing.h"

enum { OUTPUT_MAX = 1 << 20 };

static char top[] = "/tmp/chutes-tools-XXXXXX";

/* Names that need each form: the name field, the prefix field, a record, raw bytes. */
static void make_tree(void)
{
	auto_text name = {0};

	make_directory("upper");
	CHECK(chdir("upper") == 0);
	for (int i = 0; i < 3; i++) {
		text_addf(&name, "%s%0*d", i ? "/" : "", 70, i);
		make_directory(text_str(&name));
	}
	text_addf(&name, "/%0*d", 200, 3);
	make_file(text_str(&name), "long");
	CHECK(symlink(text_str(&name), "long-link") == 0);
	CHECK(link(text_str(&name), "zz-hard") == 0);
	make_file("caf\xc3\xa9", "composed");
	make_file("latin-\xe9", "no UTF-8");
	make_file("new\nline", "");
	make_file("setuid", "x");
	CHECK(chmod("setuid", 04711) == 0);
	CHECK(mkfifo("pipe", 0600) == 0 && chmod("pipe", 0600) == 0);
	CHECK(setxattr("setuid", "user.note", "\0\xff=\n", 4, 0) == 0);
	CHECK(chdir("..") == 0);
}

static bool pack_tree_to(const char *path)
{
	const struct layer_pack_options o = {
		.upper = "upper", .has_epoch = true, .epoch = 1700000000, .is_exactly_epoch = true};
	struct error err;

	CHECK_OK(pack_with(&o, &err), err);
	return file_create(path, pack_tar.bytes, pack_tar.len, 0644, &err);
}

static void check_output(const char *const *argv, const char *want)
{
	auto_strings args = {0};
	auto_text got = {0};
	int status = -1;
	struct error err = {0};

	for (; *argv; argv++)
		strings_add(&args, *argv);
	CHECK_OK(process_capture(strings_argv(&args), NULL, OUTPUT_MAX, &got, &status, &err), err);
	if (!CHECK(status == 0))
		printf("# %s\n", err.message);
	CHECK_TEXT(text_str(&got), want);
}

static bool has_program(const char *name)
{
	auto_free char *path = program_find(name);

	return path != NULL;
}

static bool begin(void)
{
	static bool is_made;

	if (!is_made) {
		if (!mkdtemp(top) || chdir(top) < 0)
			return false;
		make_tree();
		is_made = pack_tree_to("layer.tar");
	}
	return is_made;
}

TEST(gnu_tar)
{
	/* unpacked beside the tree, then compared by diff: owners and times are the layer's own */
	static const char *const unpack[] = {"tar",  "--xattrs",  "-C", "gnu",
					     "-xpf", "layer.tar", NULL};
	static const char *const compare[] = {"tar", "--compare", "-C", "gnu",
					      "-f",  "layer.tar", NULL};
	static const char *const diff[] = {"diff", "-r", "--no-dereference", "upper", "gnu", NULL};
	char note[8];
	struct stat st;

	if (!has_program("tar") || !has_program("diff"))
		SKIP("needs tar and diff");
	CHECK_OR_STOP(begin());
	make_directory("gnu");
	CHECK(unlink("upper/pipe") == 0); /* diff would wait for it */
	check_output(unpack, "");
	check_output(compare, "");
	CHECK(unlink("gnu/pipe") == 0);
	check_output(diff, "");
	CHECK(stat("gnu/setuid", &st) == 0 && (st.st_mode & 07777) == 04711);
	CHECK(st.st_mtime == 1700000000);
	CHECK(getxattr("gnu/setuid", "user.note", note, sizeof(note)) == 4);
	CHECK(stat("gnu/zz-hard", &st) == 0 && st.st_nlink == 2);
}

TEST(python)
{
	static const char program[] =
		"import tarfile, os, sys\n"
		"for m in tarfile.open(sys.argv[1], encoding='utf-8', errors='surrogateescape'):\n"
		"    line = m.type.decode() + ' '\n"
		"    if not (m.islnk() or m.issym()): line += '%04o ' % m.mode\n"
		"    line += m.name + (' -> ' + m.linkname if m.linkname else '')\n"
		"    if m.size and not m.islnk(): line += ' %d' % m.size\n"
		"    os.write(1, os.fsencode(line + '\\n'))\n";
	static const char *const argv[] = {"/usr/bin/env", "LC_ALL=C.UTF-8", "python3", "-c",
					   program,        "layer.tar",      NULL};
	auto_text want = {0};

	if (!has_program("python3"))
		SKIP("needs python3");
	CHECK_OR_STOP(begin());
	list_layer(&pack_tar, &want);
	check_output(argv, text_str(&want));
}

TEST(cleaned_up)
{
	struct error err;

	CHECK(chdir("/") == 0);
	CHECK_OK(tree_remove_path(top, &err), err);
}
