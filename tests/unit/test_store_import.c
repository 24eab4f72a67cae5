/* SPDX-License-Identifier: MIT
 * Images of other tools: made by skopeo and umoci where they exist, hostile ones by hand.
 */
#include "lib/store/import.h"

#include "lib/archive/archive.h"
#include "lib/base/process.h"
#include "tests/unit/store_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

struct file {
	const char *path;
	const char *bytes; /* NULL: a symbolic link */
	const char *link;
	size_t len; /* 0: up to the NUL */
};

static bool write_tar(struct sink out, const struct file *files, struct error *err)
{
	auto_tar_writer struct tar_writer *w = tar_writer_new(out);

	for (; files->path; files++) {
		size_t len = files->len ? files->len : files->bytes ? strlen(files->bytes) : 0;
		struct tar_entry entry = {.path = files->path,
					  .link = files->link,
					  .type = files->bytes ? '0' : '2',
					  .mode = 0644,
					  .size = len};

		if (!tar_writer_entry(w, &entry, err) ||
		    (len && !tar_writer_data(w, files->bytes, len, err)))
			return false;
	}
	return tar_writer_finish(w, err);
}

static char *archive_new(const char *dir, const char *name, enum compression compression,
			 const struct file *files)
{
	char *path = path_join(dir, name);
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct pipeline_options o = {
		.compression = compression, .n_threads = 1, .out = sink_of_fd(&fd)};
	struct pipeline_result result;
	struct pipeline *p = pipeline_new(&o);
	struct error err;

	CHECK_OK(write_tar(pipeline_sink(p), files, &err), err);
	CHECK_OK(pipeline_finish(p, &result, &err), err);
	pipeline_free(p);
	return path;
}

/* A layer as a tar with one file, compressed. */
static void add_layer(struct store *s, const char *word, enum compression compression,
		      struct manifest *m, struct image_config *c)
{
	static const char *const types[] = {[COMPRESSION_NONE] = OCI_TYPE_LAYER,
					    [COMPRESSION_GZIP] = OCI_TYPE_LAYER_GZIP,
					    [COMPRESSION_ZSTD] = OCI_TYPE_LAYER_ZSTD};
	const struct file files[] = {{word, word, NULL, 0}, {0}};
	auto_text bytes = {0};
	struct pipeline_options o = {
		.compression = compression, .n_threads = 1, .out = sink_of_text(&bytes)};
	struct pipeline_result result;
	struct pipeline *p = pipeline_new(&o);
	struct descriptor layer;
	struct error err;

	CHECK_OK(write_tar(pipeline_sink(p), files, &err), err);
	CHECK_OK(pipeline_finish(p, &result, &err), err);
	pipeline_free(p);
	struct digest diff_id = digest_of_sha256(result.plain_sha256);

	CHECK_OK(store_blob_put(s, types[compression], &bytes, &layer, &err), err);
	manifest_add_layer(m, &layer);
	image_config_add_diff_id(c, &diff_id);
}

/* Two layers, one of them gzip. */
static void put_hello(struct store *s, const char *name)
{
	auto_manifest m = {0};
	auto_image_config c = {
		.architecture = platform_architecture(), .os = "linux", .working_dir = "/app"};
	auto_text config = {0};
	auto_text manifest = {0};
	struct descriptor d;
	struct error err;

	add_layer(s, "one", COMPRESSION_GZIP, &m, &c);
	add_layer(s, name, COMPRESSION_NONE, &m, &c);
	image_config_format(&c, &config);
	CHECK_OK(store_blob_put(s, OCI_TYPE_CONFIG, &config, &m.config, &err), err);
	manifest_format(&m, &manifest);
	CHECK_OK(store_blob_put(s, OCI_TYPE_MANIFEST, &manifest, &d, &err), err);
	CHECK_OK(store_tag(s, name, &d, &err), err);
}

static bool import_text(struct store *s, const char *text, struct descriptor *out,
			struct error *err)
{
	auto_image_location from = {0};

	return CHECK(image_location_parse(text, &from, err) == 1) &&
	       image_import(s, &from, out, NULL, err);
}

/* Import, tag and look at it. */
static void check_import(struct store *s, const char *text)
{
	auto_manifest m = {0};
	auto_image_config c = {0};
	struct descriptor d;
	struct error err = {0};

	if (!CHECK(import_text(s, text, &d, &err))) {
		printf("#   %s: %s\n", text, err.message);
		return;
	}
	CHECK_OK(store_tag(s, "imported:1", &d, &err), err);
	CHECK_OK(store_image_load(s, &d.digest, &m, &c, &err), err);
	CHECK(m.n_layers == 2);
	CHECK_TEXT(c.working_dir, "/app");
	CHECK_OK(store_is_sound(s, &err), err);
}

static void check_refused(struct store *s, const char *text, enum error_code code,
			  const char *message)
{
	struct descriptor d;
	struct error err = {0};

	CHECK(!import_text(s, text, &d, &err));
	CHECK(err.code == code);
	const char *what = strstr(err.message, "': ");

	CHECK_TEXT(what ? what + 3 : err.message, message);
}

static bool run_tool(const char *const *argv)
{
	struct error err;
	auto_text out = {0};
	auto_strings copy = {0};

	for (; *argv; argv++)
		strings_add(&copy, *argv);
	if (process_capture(strings_argv(&copy), NULL, 1 << 20, &out, NULL, &err))
		return true;
	printf("# %s\n", err.message);
	return false;
}

static void skopeo_copy(const char *from, const char *to)
{
	CHECK(run_tool((const char *const[]){"skopeo", "--insecure-policy", "copy", "-q", from, to,
					     NULL}));
}

TEST(the_three_words)
{
	static const struct {
		const char *text;
		int result;
		const char *path;
		const char *tag;
	} cases[] = {
		{"oci:/a/b", 1, "/a/b", NULL},
		{"oci:dir:hello:1", 1, "dir", "hello:1"},
		{"oci:dir:", 1, "dir", NULL},
		{"oci-archive:x.tar:t", 1, "x.tar", "t"},
		{"docker-archive:x.tar:docker.io/a:1", 1, "x.tar", "docker.io/a:1"},
		{"docker.io/library/oci:1", 0, NULL, NULL},
		{"oci:", -1, NULL, NULL},
		{"docker-archive::t", -1, NULL, NULL},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_image_location from = {0};
		struct error err = {0};

		CHECK(image_location_parse(cases[i].text, &from, &err) == cases[i].result);
		CHECK_TEXT(from.path ? from.path : "", cases[i].path ? cases[i].path : "");
		CHECK_TEXT(from.tag ? from.tag : "", cases[i].tag ? cases[i].tag : "");
		if (cases[i].result < 0)
			CHECK(err.code == ERROR_USAGE && err.hint[0]);
	}
}

TEST(another_store_is_a_layout)
{
	auto_directory char *dir_a = directory_new();
	auto_directory char *dir_b = directory_new();
	auto_store struct store *a = store_of(dir_a);
	auto_store struct store *b = store_of(dir_b);
	auto_store_image image = {0};
	struct descriptor d;
	struct error err;

	CHECK_OR_STOP(a && b);
	put_hello(a, "hello:1");
	auto_free char *only = xprintf("oci:%s", store_oci_path(a));
	auto_free char *named = xprintf("%s:hello:1", only);
	auto_free char *other = xprintf("%s:nothing", only);

	check_import(b, only);
	check_import(b, named);
	check_refused(b, other, ERROR_NOT_FOUND, "it has no image 'nothing', only: hello:1");
	put_hello(a, "hello:2");
	check_refused(b, only, ERROR_NOT_FOUND, "it has several images: hello:1, hello:2");
	/* an OCI manifest keeps its digest */
	CHECK(store_image_find(a, "hello:1", &image, &err) == 1);
	CHECK_OK(import_text(b, named, &d, &err), err);
	CHECK_TEXT(d.digest.text, image.manifest.digest.text);
}

TEST(what_skopeo_writes)
{
	auto_directory char *dir_a = directory_new();
	auto_directory char *dir_b = directory_new();
	auto_directory char *tmp = directory_new();
	auto_store struct store *a = store_of(dir_a);
	auto_free char *skopeo = program_find("skopeo");
	static const char *const targets[] = {"oci:%s/layout:x:1", "oci-archive:%s/oci.tar:x:1",
					      "docker-archive:%s/docker.tar:x:1"};

	if (!skopeo)
		SKIP("skopeo is not installed");
	CHECK_OR_STOP(a);
	put_hello(a, "hello:1");
	auto_free char *from = xprintf("oci:%s:hello:1", store_oci_path(a));

	for (size_t i = 0; i < array_len(targets); i++) {
		auto_store struct store *b = store_of(dir_b);
		const char *at = strstr(targets[i], "%s");
		auto_free char *to =
			xprintf("%.*s%s%s", (int)(at - targets[i]), targets[i], tmp, at + 2);

		CHECK_OR_STOP(b);
		skopeo_copy(from, to);
		check_import(b, to);
		/* without the tag: it is the only image */
		to[strlen(to) - strlen(":x:1")] = '\0';
		check_import(b, to);
	}
	/* and skopeo reads what we have */
	auto_free char *back = xprintf("oci:%s/oci:imported:1", dir_b);
	auto_free char *nowhere = xprintf("dir:%s/dir", tmp);

	skopeo_copy(back, nowhere);
}

TEST(what_umoci_writes)
{
	auto_directory char *dir = directory_new();
	auto_directory char *tmp = directory_new();
	auto_store struct store *s = store_of(dir);
	auto_free char *umoci = program_find("umoci");
	auto_free char *layout = path_join(tmp, "layout");
	auto_free char *image = xprintf("%s:x", layout);
	auto_free char *from = xprintf("oci:%s:x", layout);

	if (!umoci || geteuid() != 0)
		SKIP("umoci is not installed, or not root");
	CHECK_OR_STOP(s);
	CHECK(run_tool((const char *const[]){umoci, "init", "--layout", layout, NULL}));
	CHECK(run_tool((const char *const[]){umoci, "new", "--image", image, NULL}));
	CHECK(run_tool((const char *const[]){umoci, "insert", "--image", image, "/etc/hostname",
					     "/a", NULL}));
	CHECK(run_tool((const char *const[]){umoci, "insert", "--image", image, "/etc/hostname",
					     "/b", NULL}));
	CHECK(run_tool((const char *const[]){umoci, "config", "--image", image,
					     "--config.workingdir", "/app", NULL}));
	check_import(s, from);
	/* and it reads what we have */
	auto_free char *ours = xprintf("%s:imported:1", store_oci_path(s));

	CHECK(run_tool((const char *const[]){umoci, "stat", "--image", ours, NULL}));
}

/* --- docker archives by hand */

/* The plain layer "L": a tar with one empty file. */
struct docker {
	char *layer;
	size_t layer_len;
	char *config;
};

static void docker_release(struct docker *d) { free(d->layer), free(d->config); }

static struct docker docker_new(void)
{
	static const struct file inside[] = {{"etc/x", "x", NULL, 0}, {0}};
	struct docker d = {0};
	auto_text layer = {0};
	struct error err;

	CHECK_OK(write_tar(sink_of_text(&layer), inside, &err), err);
	struct digest diff_id = digest_of(layer.bytes, layer.len);

	d.layer_len = layer.len;
	d.layer = text_take(&layer);
	d.config =
		xprintf("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"WorkingDir\":"
			"\"/app\"},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\",\"%s\"]}}",
			diff_id.text, diff_id.text);
	return d;
}

TEST(docker_archives_in_any_order_and_compression)
{
	__attribute__((cleanup(docker_release))) struct docker d = docker_new();
	auto_directory char *dir = directory_new();
	auto_directory char *tmp = directory_new();
	auto_store struct store *s = store_of(dir);
	/* links as `docker save` made them, manifest.json last, names with ./ */
	const struct file files[] = {
		{"./aa/layer.tar", d.layer, NULL, d.layer_len},
		{"aa/VERSION", "1.0", NULL, 0},
		{"aa/json", "{}", NULL, 0},
		{"bb/layer.tar", NULL, "../cc/link", 0},
		{"cc/link", NULL, "../aa/layer.tar", 0},
		{"config.json", d.config, NULL, 0},
		{"repositories", "{}", NULL, 0},
		{"manifest.json",
		 "[{\"Config\":\"config.json\",\"RepoTags\":[\"busybox:1\"],\"Layers\":[\"aa/layer.tar\","
		 "\"bb/layer.tar\"]}]",
		 NULL, 0},
		{0}};

	CHECK_OR_STOP(s);
	for (enum compression c = COMPRESSION_NONE; c <= COMPRESSION_ZSTD; c++) {
		auto_free char *path = archive_new(tmp, "d.tar", c, files);
		auto_free char *text = xprintf("docker-archive:%s", path);
		auto_free char *tagged =
			xprintf("docker-archive:%s:docker.io/library/busybox:1", path);
		auto_free char *wrong = xprintf("docker-archive:%s:busybox", path);

		check_import(s, text);
		check_import(s, tagged);
		check_refused(s, wrong, ERROR_NOT_FOUND,
			      "it has no image 'busybox', only: busybox:1");
	}
}

TEST(layers_are_typed_by_their_bytes)
{
	__attribute__((cleanup(docker_release))) struct docker d = docker_new();
	auto_directory char *dir = directory_new();
	auto_directory char *tmp = directory_new();
	auto_store struct store *s = store_of(dir);
	const struct file inside[] = {{"etc/x", "x", NULL, 0}, {0}};
	static const char *const types[] = {OCI_TYPE_LAYER, OCI_TYPE_LAYER_GZIP,
					    OCI_TYPE_LAYER_ZSTD};

	CHECK_OR_STOP(s);
	for (enum compression c = COMPRESSION_NONE; c <= COMPRESSION_ZSTD; c++) {
		auto_free char *layer_path = archive_new(tmp, "layer", c, inside);
		auto_text layer = {0};
		auto_manifest m = {0};
		auto_image_config config = {0};
		struct descriptor out;
		struct error err;

		CHECK_OK(file_read(layer_path, 1 << 20, &layer, &err), err);
		const struct file files[] = {
			{"manifest.json",
			 "[{\"Config\":\"c\",\"RepoTags\":null,\"Layers\":[\"l\",\"l\"]}]", NULL,
			 0},
			{"l", layer.bytes, NULL, layer.len},
			{"c", d.config, NULL, 0},
			{0}};
		auto_free char *path = archive_new(tmp, "d.tar", COMPRESSION_NONE, files);
		auto_free char *text = xprintf("docker-archive:%s", path);

		CHECK_OK(import_text(s, text, &out, &err), err);
		CHECK_OK(store_image_load(s, &out.digest, &m, &config, &err), err);
		CHECK_TEXT(m.layers[1].media_type, types[c]);
		CHECK(m.layers[1].size == layer.len);
	}
}

TEST(hostile_docker_archives)
{
	__attribute__((cleanup(docker_release))) struct docker d = docker_new();
	static const struct {
		const char *manifest;
		const char *message;
	} cases[] = {
		{"", "it has no manifest.json, so it is no docker archive"},
		{"{}", "'manifest.json': 'manifest.json' must be a list, not an object"},
		{"[", "'manifest.json': line 1, column 1: ']' expected near end of file"},
		{"[]", "it has no image"},
		{"[1]", "'manifest.json' must be an object, not an integer"},
		{"[{\"Layers\":[]}]", "'Config' is missing"},
		{"[{\"Config\":\"c\"}]", "'Layers' is missing"},
		{"[{\"Config\":\"/etc/passwd\",\"Layers\":[]}]",
		 "manifest.json names '/etc/passwd', which is not there"},
		{"[{\"Config\":\"loop\",\"Layers\":[]}]",
		 "manifest.json names 'loop', which is not there"},
		{"[{\"Config\":\"out\",\"Layers\":[]}]",
		 "manifest.json names 'out', which is not there"},
		{"[{\"Config\":\"c\",\"Layers\":[\"l\"]}]",
		 "manifest.json names 1 layers, the config 2"},
		{"[{\"Config\":\"c\",\"Layers\":[\"l\",3]}]",
		 "layer 2: 'Layers' must be a string, not an integer"},
		{"[{\"Config\":\"l\",\"Layers\":[]}]",
		 "invalid image config: line 1, column 3: invalid token near 'etc'"},
	};
	auto_directory char *dir = directory_new();
	auto_directory char *tmp = directory_new();
	auto_store struct store *s = store_of(dir);

	CHECK_OR_STOP(s);
	for (size_t i = 0; i < array_len(cases); i++) {
		const struct file files[] = {{"l", d.layer, NULL, d.layer_len},
					     {"c", d.config, NULL, 0},
					     {"loop", NULL, "loop", 0},
					     {"out", NULL, "../../../../etc/passwd", 0},
					     {"manifest.json", cases[i].manifest, NULL, 0},
					     {0}};
		auto_free char *path = archive_new(tmp, "d.tar", COMPRESSION_NONE, files);
		auto_free char *text = xprintf("docker-archive:%s", path);

		check_refused(s, text, i == 3 ? ERROR_NOT_FOUND : ERROR_BUILD, cases[i].message);
	}
	const struct file wrong[] = {
		{"l", "not that layer", NULL, 0},
		{"c", d.config, NULL, 0},
		{"manifest.json", "[{\"Config\":\"c\",\"Layers\":[\"l\",\"l\"]}]", NULL, 0},
		{0}};
	auto_free char *path = archive_new(tmp, "d.tar", COMPRESSION_NONE, wrong);
	auto_free char *text = xprintf("docker-archive:%s", path);
	struct descriptor out;
	struct error err;

	CHECK(!import_text(s, text, &out, &err) && err.code == ERROR_BUILD);
	CHECK(strstr(err.message, "layer 1: 'l' is 'sha256:") &&
	      strstr(err.message, "the config says"));
}

TEST(broken_archives)
{
	auto_directory char *dir = directory_new();
	auto_directory char *tmp = directory_new();
	auto_store struct store *s = store_of(dir);
	auto_free char *path = path_join(tmp, "a");
	auto_free char *oci = xprintf("oci-archive:%s", path);
	auto_free char *docker = xprintf("docker-archive:%s", path);
	auto_free char *layout = xprintf("oci:%s", path);
	auto_text big = {0};
	struct descriptor out;
	struct error err;

	CHECK_OR_STOP(s);
	CHECK(!import_text(s, oci, &out, &err) && err.code == ERROR_NOT_FOUND);
	CHECK(!import_text(s, layout, &out, &err) && err.code == ERROR_NOT_FOUND);
	CHECK_OK(file_write_cache(path, "no archive at all", 17, 0644, &err), err);
	CHECK(!import_text(s, docker, &out, &err) && err.code == ERROR_BUILD);
	/* a blob that is not what its name says */
	const struct file lying[] = {
		{"index.json", "{\"schemaVersion\":2,\"manifests\":[]}", NULL, 0},
		{"blobs/sha256/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		 "x", NULL, 0},
		{0}};

	free(archive_new(tmp, "a", COMPRESSION_NONE, lying));
	check_refused(
		s, oci, ERROR_BUILD,
		"'blobs/sha256/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855': its "
		"bytes have the digest "
		"'sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'");
	while (big.len <= OCI_MANIFEST_LIMIT)
		text_add(&big, "                                                                ");
	const struct file huge[] = {{"index.json", big.bytes, NULL, big.len}, {0}};

	free(archive_new(tmp, "a", COMPRESSION_GZIP, huge));
	check_refused(s, oci, ERROR_BUILD,
		      "'index.json': 4194368 bytes are beyond the limit of 4194304");
	const struct file empty[] = {{"x", "x", NULL, 0}, {0}};

	free(archive_new(tmp, "a", COMPRESSION_GZIP, empty));
	check_refused(s, oci, ERROR_BUILD, "it has no index.json, so it is no OCI archive");
}

/* Layouts with one thing wrong each. */
static char *layout_new(const char *tmp, struct store *a)
{
	auto_free char *to = path_join(tmp, "layout");
	struct error err;

	CHECK_OK(tree_remove_path(to, &err), err);
	CHECK(run_tool((const char *const[]){"cp", "-r", store_oci_path(a), to, NULL}));
	return take(to);
}

TEST(hostile_layouts)
{
	auto_directory char *dir_a = directory_new();
	auto_directory char *dir_b = directory_new();
	auto_directory char *tmp = directory_new();
	auto_store struct store *a = store_of(dir_a);
	auto_store struct store *b = store_of(dir_b);
	auto_manifest m = {0};
	auto_image_config c = {0};
	auto_store_image image = {0};
	struct error err;

	CHECK_OR_STOP(a && b);
	put_hello(a, "hello:1");
	CHECK(store_image_find(a, "hello:1", &image, &err) == 1);
	CHECK_OK(store_image_load(a, &image.manifest.digest, &m, &c, &err), err);
	for (int i = 0; i < 4; i++) {
		auto_free char *layout = layout_new(tmp, a);
		auto_free char *text = xprintf("oci:%s", layout);
		auto_free char *blob =
			xprintf("%s/blobs/sha256/%s", layout, digest_hex(&m.layers[1].digest));
		auto_free char *want = NULL;
		auto_text bytes = {0};

		CHECK_OK(file_read(blob, 1 << 20, &bytes, &err), err);
		CHECK(unlink(blob) == 0);
		switch (i) {
		case 0:
			want = xprintf("layer 2: blob '%s' is missing", m.layers[1].digest.text);
			break;
		case 1:
			CHECK(mkfifo(blob, 0644) == 0);
			want = xprintf("layer 2: blob '%s' is not a file", m.layers[1].digest.text);
			break;
		case 2:
			CHECK_OK(file_write_cache(blob, "x", 1, 0644, &err), err);
			want = xprintf("layer 2: blob '%s' has 1 bytes instead of %zu",
				       m.layers[1].digest.text, bytes.len);
			break;
		default:
			bytes.bytes[0] ^= 1;
			CHECK_OK(file_write_cache(blob, bytes.bytes, bytes.len, 0644, &err), err);
			want = xprintf("layer 2: blob '%s': blob '%s' is damaged",
				       m.layers[1].digest.text, m.layers[1].digest.text);
			break;
		}
		check_refused(b, text, ERROR_BUILD, want);
	}
	auto_free char *layout = layout_new(tmp, a);
	auto_free char *text = xprintf("oci:%s", layout);
	auto_free char *version = path_join(layout, "oci-layout");
	static const char two[] = "{\"imageLayoutVersion\":\"2.0.0\"}";

	CHECK_OK(file_write_cache(version, two, strlen(two), 0644, &err), err);
	check_refused(b, text, ERROR_BUILD, "the layout has version '2.0.0', not 1");
}

/* Manifests in a layout of their own, by a store that does not check what it is given. */
static void check_manifest(const char *manifest_text, const char *message)
{
	auto_directory char *dir_a = directory_new();
	auto_directory char *dir_b = directory_new();
	auto_store struct store *a = store_of(dir_a);
	auto_store struct store *b = store_of(dir_b);
	auto_free char *from = xprintf("oci:%s/oci", dir_a);
	auto_free char *index_path = path_join(dir_a, "oci/index.json");
	auto_text manifest = {0};
	auto_text bytes = {0};
	auto_index index = {0};
	struct index_entry entry = {.ref_name = "x"};
	struct error err;

	CHECK_OR_STOP(a && b);
	text_add(&manifest, manifest_text);
	CHECK_OK(store_blob_put(a, OCI_TYPE_MANIFEST, &manifest, &entry.descriptor, &err), err);
	index_add(&index, &entry);
	index_format(&index, &bytes);
	CHECK_OK(file_write_cache(index_path, bytes.bytes, bytes.len, 0644, &err), err);
	check_refused(b, from, ERROR_BUILD, message);
}

TEST(hostile_manifests_in_layouts)
{
#define EMPTY "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	check_manifest("{\"schemaVersion\":2,\"config\":{\"mediaType\":\"x\",\"digest\":\"" EMPTY
		       "\",\"size\":8388609},\"layers\":[]}",
		       "a config of 8388609 bytes is beyond the limit of 8388608");
	check_manifest("{\"schemaVersion\":2,\"config\":{\"mediaType\":\"x\",\"digest\":\"" EMPTY
		       "\",\"size\":8388608},\"layers\":[]}",
		       "blob '" EMPTY "' is missing");
	check_manifest("hello",
		       "invalid image manifest: line 1, column 5: invalid token near 'hello'");
	auto_free char *none =
		xprintf("no image for linux/%s, only for nothing", platform_architecture());

	check_manifest("{\"schemaVersion\":2,\"manifests\":[]}", none);
}
