/* SPDX-License-Identifier: MIT
 * Small fake root file systems, each with one thing wrong.
 */
#include "lib/build/image_rules.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"
#include "lib/base/tree.h"
#include "lib/build/image_cuda.h"
#include "lib/build/image_look.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];
static int root_fd;

static void put(const char *name, const char *content, mode_t mode)
{
	auto_free char *path = xprintf("%s%s", root, name);
	auto_free char *directory = path_directory(path);
	struct error err;

	CHECK_OK(directory_make(directory, 0755, &err), err);
	CHECK_OK(file_write_cache(path, content, strlen(content), mode, &err), err);
}

static void put_link(const char *name, const char *target)
{
	auto_free char *path = xprintf("%s%s", root, name);

	unlink(path);
	CHECK(symlink(target, path) == 0);
}

static void drop(const char *name)
{
	auto_free char *path = xprintf("%s%s", root, name);

	CHECK(unlink(path) == 0);
}

/* Everything right. */
static void set_up(void)
{
	snprintf(root, sizeof(root), "/tmp/test-image-rules-XXXXXX");
	CHECK(mkdtemp(root));
	root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	put("/usr/bin/python3.11", "x", 0755);
	put_link("/usr/bin/python3", "python3.11");
	put_link("/usr/bin/python", "/usr/bin/python3");
	put("/usr/bin/pip", "x", 0755);
	put("/usr/bin/curl", "x", 0755);
	put("/usr/bin/dash", "x", 0755);
	put_link("/bin", "usr/bin");
	put_link("/usr/bin/sh", "dash");
	put("/etc/passwd",
	    "root:x:0:0::/root:/bin/sh\nchutes:x:1000:1000::/app:/bin/sh\n"
	    "toor:x:0:0::/root:/bin/sh\nbroken\n",
	    0644);
	put("/usr/local/cuda-12.4/version.json",
	    "{\"cuda\": {\"name\": \"CUDA SDK\", \"version\": \"12.4.1\"}}", 0644);
	put_link("/usr/local/cuda", "/usr/local/cuda-12.4");
}

static void tear_down(void)
{
	struct error err;

	fd_close(&root_fd);
	CHECK_OK(tree_remove_path(root, &err), err);
}

/* "I101 error: message" lines of the fake root. */
static const char *check(const char *user, const char *directory, bool wants_gpus, bool is_strict,
			 struct text *out)
{
	auto_image_config config = {.user = user, .working_dir = directory};
	struct image_rules r = {root_fd, &config, wants_gpus, is_strict};
	auto_findings found = {0};
	struct error err;

	text_clear(out);
	CHECK_OK(image_rules_check(&r, &found, &err), err);
	for (size_t i = 0; i < found.n; i++) {
		text_addf(out, "%s%s %s: %s", i ? "\n" : "", found.items[i].row->code,
			  found.items[i].severity == SEVERITY_ERROR ? "error" : "warning",
			  found.items[i].message);
		CHECK(found.items[i].hint && *found.items[i].hint);
	}
	return text_str(out);
}

TEST(a_good_image)
{
	auto_text got = {0};

	set_up();
	CHECK_TEXT(check("chutes", "/app", true, true, &got), "");
	CHECK_TEXT(check("chutes:chutes", "/app/", true, false, &got), "");
	CHECK_TEXT(check("1000", "/app", true, true, &got), "");
	tear_down();
}

TEST(an_empty_image)
{
	static const char path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	auto_text got = {0};
	auto_text want = {0};

	snprintf(root, sizeof(root), "/tmp/test-image-rules-XXXXXX");
	CHECK(mkdtemp(root));
	root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	text_addf(&want,
		  "I101 error: no CUDA in the image; looked at " IMAGE_CUDA_PLACES "\n"
		  "I111 error: no python3 in %s\nI112 error: no pip in %s\n"
		  "I113 error: no 'python' in %s\nI121 error: no user 'chutes' in /etc/passwd\n"
		  "I122 error: the image ends as user '(none)', which is root\n"
		  "I123 error: the image ends in '/', not in /app\n"
		  "I124 error: no program /bin/sh\nI125 error: no curl in %s",
		  path, path, path, path);
	CHECK_TEXT(check(NULL, NULL, true, true, &got), text_str(&want));
	tear_down();
}

TEST(one_thing_wrong)
{
	static const char *const root_users[] = {"root", "0", "0:5", "root:chutes", "toor", ""};
	auto_text got = {0};

	set_up();
	for (size_t i = 0; i < array_len(root_users); i++)
		CHECK(text_starts_with(check(root_users[i], "/app", false, false, &got),
				       "I122 warning: the image ends as user '"));
	CHECK_TEXT(check("chutes", "/srv", false, false, &got),
		   "I123 warning: the image ends in '/srv', not in /app");
	put_link("/usr/bin/sh", "/nowhere");
	CHECK_TEXT(check("chutes", "/app", false, true, &got), "I124 error: no program /bin/sh");
	put_link("/usr/bin/sh", "dash");
	drop("/usr/bin/python");
	CHECK_TEXT(check("chutes", "/app", false, true, &got),
		   "I113 error: no 'python' in "
		   "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin, only "
		   "/usr/bin/python3");
	put("/usr/bin/python3.9", "x", 0755);
	put_link("/usr/bin/python", "python3.9");
	CHECK_TEXT(check("chutes", "/app", false, true, &got),
		   "I111 error: Python is 3.9 (/usr/bin/python3.9), not 3.10 or newer");
	put_link("/usr/bin/python", "python3.10");
	put("/usr/bin/python3.10", "x", 0755);
	CHECK_TEXT(check("chutes", "/app", false, true, &got), "");
	/* a program of that name without a version: the library beside it tells */
	drop("/usr/bin/python");
	put("/usr/bin/python", "x", 0755);
	put("/usr/lib/python3.8/os.py", "", 0644);
	CHECK_TEXT(check("chutes", "/app", false, true, &got),
		   "I111 error: Python is 3.8 (/usr/lib/python3.8), not 3.10 or newer");
	put("/usr/lib/python3.11/os.py", "", 0644);
	CHECK_TEXT(check("chutes", "/app", false, true, &got), "");
	put("/usr/bin/pip", "x", 0644);
	CHECK(text_starts_with(check("chutes", "/app", false, true, &got), "I112 error: no pip"));
	tear_down();
}

static void check_version(const char *text, const char *want)
{
	auto_text json = {0};
	auto_text got = {0};

	text_addf(&json, "{\"cuda\": {\"version\": \"%s\"}}", text);
	put("/usr/local/cuda-12.4/version.json", text_str(&json), 0644);
	CHECK_TEXT(check("chutes", "/app", true, true, &got), want);
	CHECK_TEXT(check("chutes", "/app", false, true, &got), "");
}

TEST(cuda_versions)
{
	set_up();
	check_version("12.1.1", "I102 error: CUDA is 12.1.1 (/usr/local/cuda/version.json), "
				"not 12.2 to 12.6");
	check_version("11.8", "I102 error: CUDA is 11.8 (/usr/local/cuda/version.json), "
			      "not 12.2 to 12.6");
	check_version("12.2", "");
	check_version("12.6.3", "");
	check_version("12.7", "I102 warning: CUDA is 12.7 (/usr/local/cuda/version.json), "
			      "not 12.2 to 12.6");
	check_version("13.0.0", "I102 warning: CUDA is 13.0.0 (/usr/local/cuda/version.json), "
				"not 12.2 to 12.6");
	tear_down();
}

static void check_place(const char *want_text, const char *want_place)
{
	auto_image_config config = {0};
	struct cuda_version v = {0};

	CHECK(image_cuda_find(root_fd, &config, &v) == !!want_text);
	CHECK_TEXT(v.text, want_text ? want_text : "");
	CHECK_TEXT(v.place, want_place ? want_place : "");
}

TEST(places_of_cuda)
{
	struct cuda_version v = {0};
	auto_image_config config = {0};

	set_up();
	put("/usr/local/cuda-11.0/version.json", "{\"cuda\": {\"version\": \"11.0.1\"}}", 0644);
	check_place("12.4.1", "/usr/local/cuda/version.json");
	drop("/usr/local/cuda-11.0/version.json");
	drop("/usr/local/cuda-12.4/version.json");
	check_place(NULL, NULL);
	put("/usr/local/cuda-12.4/version.json", "no json", 0644);
	put("/usr/local/cuda-12.4/bin/nvcc",
	    "\x7f"
	    "ELF..Cuda compilation tools, release 12.5, V12.5.40\n",
	    0755);
	check_place("12.5", "/usr/local/cuda/bin/nvcc");
	drop("/usr/local/cuda-12.4/bin/nvcc");
	put("/usr/local/lib/python3.11/dist-packages/"
	    "nvidia_cuda_runtime_cu12-12.3.101.dist-info/METADATA",
	    "", 0644);
	check_place("12.3.101", "/usr/local/lib/python3.11/dist-packages/"
				"nvidia_cuda_runtime_cu12-12.3.101.dist-info");
	put("/usr/local/cuda-12.4/lib64/libcudart.so.12.2.53", "x", 0644);
	put_link("/usr/local/cuda-12.4/lib64/libcudart.so.12", "libcudart.so.12.2.53");
	check_place("12.2.53", "/usr/local/cuda-12.4/lib64/libcudart.so.12.2.53");
	tear_down();
	set_up();
	drop("/usr/local/cuda-12.4/version.json");
	strings_add(&config.env, "CUDA_VERSION=12.6.0");
	CHECK(image_cuda_find(root_fd, &config, &v));
	CHECK_TEXT(v.place, "CUDA_VERSION");
	strings_add(&config.env, "NVIDIA_REQUIRE_CUDA=cuda>=12.4 brand=tesla,driver>=470");
	CHECK(image_cuda_find(root_fd, &config, &v));
	CHECK_TEXT(v.place, "NVIDIA_REQUIRE_CUDA");
	CHECK(v.major == 12 && v.minor == 4);
	tear_down();
}

TEST(driver_libraries)
{
	auto_text got = {0};

	set_up();
	put("/usr/local/cuda-12.4/compat/libcuda.so.1", "x", 0644);
	put("/usr/local/cuda-12.4/lib64/stubs/libcuda.so", "x", 0644);
	put("/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1", "", 0644);
	CHECK_TEXT(check("chutes", "/app", true, true, &got), "");
	put("/usr/lib/x86_64-linux-gnu/libcuda.so.535.1", "x", 0644);
	put_link("/usr/lib/x86_64-linux-gnu/libcuda.so.1", "libcuda.so.535.1");
	CHECK_TEXT(check("chutes", "/app", true, true, &got),
		   "I103 error: '/usr/lib/x86_64-linux-gnu/libcuda.so.1' is a driver library: "
		   "the machine brings its own");
	tear_down();
}

/* Links of a hostile image end inside of it. */
TEST(links_stay_inside)
{
	auto_text got = {0};
	auto_strings found = {0};

	set_up();
	put_link("/usr/bin/curl", "/../../../../../../usr/bin/env");
	CHECK(text_starts_with(check("chutes", "/app", false, true, &got), "I125 error: no curl"));
	put_link("/etc/passwd", "/etc/passwd");
	auto_image_config config = {0};
	struct image_rules r = {.root_fd = root_fd, .config = &config};
	auto_findings findings = {0};
	struct error err = {0};

	CHECK(!image_rules_check(&r, &findings, &err));
	CHECK(err.code == ERROR_BUILD);
	image_glob(root_fd, "/etc/*", &found);
	CHECK(found.n == 0);
	tear_down();
}
