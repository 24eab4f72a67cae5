/* SPDX-License-Identifier: MIT */
#include "lib/oci/oci.h"

#include "lib/base/memory.h"
#include "tests/unit/tap.h"

#define HEX_A  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define DIGEST "\"digest\":\"sha256:" HEX_A "\",\"size\":3"
#define LINE   "{\"mediaType\":\"x\"," DIGEST "}"
#define CONFIG "\"config\":{\"mediaType\":\"" OCI_TYPE_CONFIG "\"," DIGEST "}"

static bool manifest_of(const char *text, struct manifest *m, struct error *err)
{
	return manifest_parse(text, strlen(text), m, err);
}

TEST(manifest_is_written_canonically_and_read_back)
{
	static const char canonical[] =
		"{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE_MANIFEST "\"," CONFIG
		",\"layers\":[{\"mediaType\":\"" OCI_TYPE_LAYER_ZSTD "\",\"digest\":\"sha256:" HEX_B
		"\",\"size\":18446744073709}],\"annotations\":{\"a\":\"2\",\"a-b\":\"\",\"z\":\"<\\n\"}}";
	auto_manifest m = {0};
	auto_manifest again = {0};
	auto_text out = {0};
	auto_text second = {0};
	struct error err;
	struct descriptor layer = {.media_type = OCI_TYPE_LAYER_ZSTD, .size = 18446744073709};

	m.config = (struct descriptor){.media_type = OCI_TYPE_CONFIG, .size = 3};
	CHECK_OK(digest_parse("sha256:" HEX_A, &m.config.digest, &err), err);
	CHECK_OK(digest_parse("sha256:" HEX_B, &layer.digest, &err), err);
	manifest_add_layer(&m, &layer);
	strings_add(&m.annotations, "z=<\n");
	strings_add(&m.annotations, "a=1");
	strings_add(&m.annotations, "a-b=");
	strings_add(&m.annotations, "a=2");
	manifest_format(&m, &out);
	CHECK_TEXT(text_str(&out), canonical);
	CHECK_OK(manifest_of(text_str(&out), &again, &err), err);
	manifest_format(&again, &second);
	CHECK_TEXT(text_str(&second), canonical);
}

TEST(docker_manifests_get_oci_names)
{
	static const char docker[] =
		"{\"schemaVersion\":2,\"mediaType\":\"" DOCKER_TYPE_MANIFEST "\",\"config\":"
		"{\"mediaType\":\"application/vnd.docker.container.image.v1+json\"," DIGEST
		"},\"layers\":["
		"{\"mediaType\":\"application/vnd.docker.image.rootfs.diff.tar.gzip\"," DIGEST "},"
		"{\"mediaType\":\"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip\"," DIGEST
		",\"urls\":[\"https://x/y\"]}]}";
	auto_manifest m = {0};
	auto_text out = {0};
	struct error err;

	CHECK_OK(manifest_of(docker, &m, &err), err);
	CHECK_OR_STOP(m.n_layers == 2);
	CHECK_TEXT(m.config.media_type, OCI_TYPE_CONFIG);
	CHECK_TEXT(m.layers[0].media_type, OCI_TYPE_LAYER_GZIP);
	CHECK_TEXT(m.layers[1].media_type, OCI_TYPE_LAYER_FOREIGN "+gzip");
	manifest_format(&m, &out);
	CHECK(strstr(text_str(&out), "\"size\":3,\"urls\":[\"https://x/y\"]}]}") != NULL);
	CHECK_TEXT(layer_type("application/vnd.docker.image.rootfs.diff.tar"), OCI_TYPE_LAYER);
	CHECK(!layer_type("application/vnd.wasm") && layer_type(OCI_TYPE_LAYER_ZSTD));
}

TEST(hostile_manifests)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{"[]", "'manifest' must be an object, not a list"},
		{"{}", "'schemaVersion' is missing"},
		{"{\"schemaVersion\":1}", "schema version 1 is not supported, only 2"},
		{"{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE_INDEX "\"}",
		 "'" OCI_TYPE_INDEX "' is not an image manifest"},
		{"{\"schemaVersion\":2,\"manifests\":[]," CONFIG ",\"layers\":[]}",
		 "it is an index, not an image manifest"},
		{"{\"schemaVersion\":2,\"layers\":[]}", "'config' is missing"},
		{"{\"schemaVersion\":2," CONFIG "}", "'layers' is missing"},
		{"{\"schemaVersion\":2," CONFIG ",\"layers\":[1]}",
		 "layer 1: 'descriptor' must be an object, not an integer"},
		{"{\"schemaVersion\":2," CONFIG ",\"layers\":[{\"mediaType\":\"x\",\"digest\":"
		 "\"sha256:../x\",\"size\":1}]}",
		 "layer 1: invalid digest 'sha256:../x': 64 hex digits in lower case expected"},
		{"{\"schemaVersion\":2," CONFIG ",\"layers\":[{\"mediaType\":\"x\",\"digest\":"
		 "\"sha256:" HEX_A "\",\"size\":-1}]}",
		 "layer 1: 'size' is negative"},
		{"{\"schemaVersion\":2," CONFIG ",\"layers\":[{\"mediaType\":\"x\",\"digest\":"
		 "\"sha256:" HEX_A "\",\"size\":1.5}]}",
		 "layer 1: 'size' must be an integer, not a number"},
		{"{\"schemaVersion\":2," CONFIG ",\"layers\":[],\"annotations\":{\"a=b\":\"\"}}",
		 "'annotations' has a name with '=': 'a=b'"},
		{"{\"schemaVersion\":2," CONFIG ",\"layers\":[],\"annotations\":{\"a\":1}}",
		 "'annotations': 'a' must be a string, not an integer"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_manifest m = {0};
		auto_text want = {0};
		struct error err;

		text_addf(&want, "invalid image manifest: %s", cases[i].message);
		CHECK(!manifest_of(cases[i].text, &m, &err));
		CHECK_TEXT(err.message, text_str(&want));
		CHECK(err.code == ERROR_BUILD && m.n_layers == 0);
	}
}

static bool manifest_with_layers(size_t n, struct error *err)
{
	auto_manifest m = {0};
	auto_text text = {0};

	text_add(&text, "{\"schemaVersion\":2," CONFIG ",\"layers\":[");
	for (size_t i = 0; i < n; i++)
		text_addf(&text, "%s" LINE, i ? "," : "");
	text_add(&text, "]}");
	return manifest_of(text_str(&text), &m, err);
}

TEST(limits_of_manifests)
{
	struct error err;
	auto_text text = {0};
	auto_manifest m = {0};

	CHECK_OK(manifest_with_layers(500, &err), err);
	CHECK(!manifest_with_layers(501, &err));
	CHECK_TEXT(err.message,
		   "invalid image manifest: 501 layers are more than the limit of 500");
	text_add(&text, "{\"schemaVersion\":2," CONFIG ",\"layers\":[]}");
	while (text.len < OCI_MANIFEST_LIMIT)
		text_add_char(&text, ' ');
	CHECK_OK(manifest_parse(text.bytes, text.len, &m, &err), err);
	text_add_char(&text, ' ');
	CHECK(!manifest_parse(text.bytes, text.len, &m, &err));
	CHECK_TEXT(err.message, "invalid image manifest: more than the limit of 4194304 bytes");
}

TEST(index_keeps_what_others_wrote)
{
	static const char canonical[] =
		"{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE_INDEX "\",\"manifests\":["
		"{\"mediaType\":\"" OCI_TYPE_MANIFEST "\"," DIGEST
		",\"annotations\":{\"io.x\":\"1\","
		"\"" OCI_REF_NAME "\":\"hello:1\"},\"platform\":{\"architecture\":\"arm64\",\"os\":"
		"\"linux\",\"variant\":\"v8\",\"os.version\":\"5\"},\"artifactType\":\"a/b\"},"
		"{\"mediaType\":\"x\"," DIGEST "}],\"annotations\":{\"k\":\"v\"}}";
	auto_index i = {0};
	auto_text out = {0};
	struct error err;

	CHECK_OK(index_parse(canonical, strlen(canonical), &i, &err), err);
	CHECK_OR_STOP(i.n_entries == 2);
	CHECK_TEXT(i.entries[0].ref_name, "hello:1");
	CHECK_TEXT(i.entries[0].variant, "v8");
	index_format(&i, &out);
	CHECK_TEXT(text_str(&out), canonical);

	struct index_entry copy = i.entries[0];

	index_add(&i, &copy);
	index_remove(&i, 0);
	index_remove(&i, 0);
	text_clear(&out);
	index_format(&i, &out);
	CHECK(i.n_entries == 1 && strstr(text_str(&out), "\"io.x\":\"1\"") != NULL);
}

TEST(hostile_indexes)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{"{\"schemaVersion\":2}", "'manifests' is missing"},
		{"{\"schemaVersion\":3,\"manifests\":[]}",
		 "schema version 3 is not supported, only 2"},
		{"{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}",
		 "it is an image manifest, not an index"},
		{"{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE_MANIFEST "\"}",
		 "'" OCI_TYPE_MANIFEST "' is not an index"},
		{"{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"x\"," DIGEST
		 ",\"platform\":{\"os\":3}}]}",
		 "entry 1: platform: 'os' must be a string, not an integer"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_index index = {0};
		auto_text want = {0};
		struct error err;

		text_addf(&want, "invalid image index: %s", cases[i].message);
		CHECK(!index_parse(cases[i].text, strlen(cases[i].text), &index, &err));
		CHECK_TEXT(err.message, text_str(&want));
	}
}

static const char full_config[] =
	"{\"created\":\"2026-01-02T03:04:05Z\",\"author\":\"me\",\"architecture\":\"amd64\","
	"\"variant\":\"v2\",\"os\":\"linux\",\"os.version\":\"1\",\"os.features\":[\"f\"],\"config\":{"
	"\"User\":\"chutes\",\"ExposedPorts\":{\"53/udp\":{},\"80/tcp\":{}},\"Env\":[\"PATH=/bin\","
	"\"A=1\"],\"Entrypoint\":[\"/x\"],\"Cmd\":[\"a b\",\"c\"],\"Volumes\":{\"/v\":{}},"
	"\"WorkingDir\":\"/app\",\"Labels\":{\"k\":\"v=w\"},\"StopSignal\":\"TERM\",\"Shell\":[\"/bin/"
	"sh\",\"-c\"],\"Healthcheck\":{\"Interval\":30000000000,\"Test\":[\"NONE\"]},\"OnBuild\":[\"RUN "
	"x\"],\"ArgsEscaped\":true},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" HEX_A
	"\"]},\"history\":[{\"created\":\"2026-01-02T03:04:05Z\",\"created_by\":\"FROM "
	"x\",\"comment\":\"c\",\"empty_layer\":true},{\"created_by\":\"RUN \xc3\xa9\"}],\"docker_"
	"version\":\"20\",\"id\":{\"a\":[null]}}";

TEST(config_is_kept_whole)
{
	auto_image_config c = {0};
	auto_image_config copy = {0};
	auto_text out = {0};
	auto_text copied = {0};
	struct error err;

	CHECK_OK(image_config_parse(full_config, strlen(full_config), &c, &err), err);
	CHECK_TEXT(c.working_dir, "/app");
	CHECK(c.n_diff_ids == 1 && c.n_history == 2 && c.history[0].is_empty_layer);
	image_config_format(&c, &out);
	CHECK_TEXT(text_str(&out), full_config);
	image_config_copy(&c, &copy);
	image_config_release(&c);
	image_config_format(&copy, &copied);
	CHECK_TEXT(text_str(&copied), full_config);
}

TEST(config_grows)
{
	auto_image_config c = {.architecture = "amd64", .os = "linux"};
	auto_text out = {0};
	struct digest one = digest_of("1", 1);

	strings_add(&c.volumes, "/b");
	strings_add(&c.volumes, "/a=x");
	strings_add(&c.volumes, "/b");
	strings_add(&c.volumes, "/a");
	image_config_add_diff_id(&c, &one);
	image_config_add_history(&c, &(struct history){.created_by = "one", .comment = "chutes"});
	image_config_add_history(&c, &(struct history){.author = "x", .is_empty_layer = true});
	image_config_format(&c, &out);
	CHECK_TEXT(
		text_str(&out),
		"{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Volumes\":{\"/a\":{},"
		"\"/a=x\":{},\"/b\":{}}},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:"
		"6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b\"]},\"history\":["
		"{\"created_by\":\"one\",\"comment\":\"chutes\"},{\"author\":\"x\",\"empty_layer\":"
		"true}]}");

	auto_image_config empty = {0};

	text_clear(&out);
	image_config_format(&empty, &out);
	CHECK_TEXT(text_str(&out), "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}");
}

TEST(only_unknown_members)
{
	static const char text[] =
		"{\"config\":{\"X\":1},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":"
		"[]},\"y\":2}";
	auto_image_config c = {0};
	auto_text out = {0};
	struct error err;

	CHECK_OK(image_config_parse(text, strlen(text), &c, &err), err);
	image_config_format(&c, &out);
	CHECK_TEXT(text_str(&out), text);
}

TEST(hostile_configs)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{"{}", "'rootfs' is missing"},
		{"{\"rootfs\":{\"type\":\"windows\"}}", "rootfs type 'windows' is not 'layers'"},
		{"{\"rootfs\":{\"diff_ids\":[\"x\"]}}",
		 "diff_id 1: invalid digest 'x': it must begin with sha256: or sha512:"},
		{"{\"config\":{\"Env\":[1]}}",
		 "config: element 1: 'Env' must be a string, not an integer"},
		{"{\"config\":{\"Env\":{}}}", "config: 'Env' must be a list, not an object"},
		{"{\"config\":{\"Labels\":[]}}", "config: 'Labels' must be an object, not a list"},
		{"{\"config\":{\"Healthcheck\":3}}",
		 "config: 'Healthcheck' must be an object, not an integer"},
		{"{\"architecture\":7}", "'architecture' must be a string, not an integer"},
		{"{\"rootfs\":{},\"history\":[{\"empty_layer\":\"yes\"}]}",
		 "history 1: 'empty_layer' must be a boolean, not a string"},
		{"\"x\"", "'config' must be an object, not a string"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_image_config c = {0};
		auto_text want = {0};
		struct error err;

		text_addf(&want, "invalid image config: %s", cases[i].message);
		CHECK(!image_config_parse(cases[i].text, strlen(cases[i].text), &c, &err));
		CHECK_TEXT(err.message, text_str(&want));
		CHECK(err.code == ERROR_BUILD);
	}
}

TEST(limits_of_configs)
{
	struct error err;
	auto_image_config c = {0};
	auto_text text = {0};

	text_add(&text, "{\"rootfs\":{\"diff_ids\":[");
	for (size_t i = 0; i < 501; i++)
		text_addf(&text, "%s\"sha256:" HEX_A "\"", i ? "," : "");
	text_add(&text, "]}}");
	CHECK(!image_config_parse(text.bytes, text.len, &c, &err));
	CHECK_TEXT(err.message, "invalid image config: 501 layers are more than the limit of 500");
	text_clear(&text);
	text_add(&text, "{\"rootfs\":{}}");
	while (text.len < OCI_CONFIG_LIMIT)
		text_add_char(&text, ' ');
	CHECK_OK(image_config_parse(text.bytes, text.len, &c, &err), err);
	text_add_char(&text, ' ');
	CHECK(!image_config_parse(text.bytes, text.len, &c, &err));
}
