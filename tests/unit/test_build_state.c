/* SPDX-License-Identifier: MIT */
#include "lib/build/state.h"

#include "lib/base/memory.h"
#include "lib/base/tree.h"
#include "tests/unit/tap.h"

#include <unistd.h>

static char directory[] = "/tmp/chutes-state-XXXXXX";

static struct store *open_store(void)
{
	struct store *s = NULL;
	struct error err;

	memcpy(directory + sizeof(directory) - 7, "XXXXXX", 6);
	if (!mkdtemp(directory) || !store_open(directory, &s, &err))
		return NULL;
	return s;
}

static void close_store(struct store *s)
{
	struct error err;

	store_close(s);
	CHECK_OK(tree_remove_path(directory, &err), err);
}

static const char key[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

TEST(step_records_come_back)
{
	struct store *s = open_store();
	struct step_record in = {.created = 1700000000, .ms = 1234};
	struct step_record out = {0};
	struct error err;

	CHECK_OR_STOP(s);
	CHECK(step_record_get(s, key, &out, &err) == 0);
	memcpy(in.tree, key, sizeof(in.tree));
	CHECK_OK(step_record_put(s, key, &in, &err), err);
	CHECK(step_record_get(s, key, &out, &err) == 1);
	CHECK(out.created == in.created && out.ms == in.ms);
	CHECK_TEXT(out.tree, key);
	in.tree[0] = '\0';
	CHECK_OK(step_record_put(s, key, &in, &err), err);
	CHECK(step_record_get(s, key, &out, &err) == 1);
	CHECK_TEXT(out.tree, "");
	close_store(s);
}

TEST(damaged_records_are_misses)
{
	static const char *const damaged[] = {
		"",
		"{",
		"[]",
		"{\"tree\":\"short\"}",
		"{\"tree\":1}",
		"{\"tree\":\"../../../../../../../../../../../../../../../../../../../../etc/\"}",
	};
	struct store *s = open_store();
	struct step_record out;
	struct error err;

	CHECK_OR_STOP(s);
	for (size_t i = 0; i < array_len(damaged); i++) {
		auto_text bytes = {0};

		text_add(&bytes, damaged[i]);
		CHECK_OK(store_record_put(s, "steps", key, &bytes, &err), err);
		CHECK(step_record_get(s, key, &out, &err) == 0);
	}
	close_store(s);
}

/* Another epoch, compression or way of clamping is another blob; without its blob a record is a
 * miss. */
TEST(packs_are_found_by_all_that_shapes_them)
{
	struct store *s = open_store();
	struct layer layer = {.has_epoch = true, .epoch = 5};
	struct descriptor blob;
	struct error err;
	auto_text bytes = {0};

	CHECK_OR_STOP(s);
	memcpy(layer.tree, key, sizeof(layer.tree));
	struct layer fresh = layer;

	text_add(&bytes, "a layer");
	layer.diff_id = digest_of("plain", 5);
	layer.blob.digest = digest_of(bytes.bytes, bytes.len);
	CHECK_OK(pack_put(s, COMPRESSION_GZIP, &layer, &err), err);
	CHECK(pack_find(s, COMPRESSION_GZIP, &fresh, &err) == 0);
	CHECK_OK(store_blob_put(s, OCI_TYPE_LAYER_GZIP, &bytes, &blob, &err), err);
	struct layer again = fresh;

	CHECK(pack_find(s, COMPRESSION_ZSTD, &again, &err) == 0);
	again.epoch = 6;
	CHECK(pack_find(s, COMPRESSION_GZIP, &again, &err) == 0);
	again = fresh;
	again.times = TIMES_EPOCH;
	CHECK(pack_find(s, COMPRESSION_GZIP, &again, &err) == 0);
	CHECK(pack_find(s, COMPRESSION_GZIP, &fresh, &err) == 1);
	CHECK_TEXT(fresh.diff_id.text, layer.diff_id.text);
	CHECK(fresh.blob.size == bytes.len);
	CHECK_TEXT(fresh.blob.media_type, OCI_TYPE_LAYER_GZIP);
	struct digest diff_id;

	CHECK(pack_find_any(s, key, &diff_id, &blob, &err) == 1);
	CHECK_TEXT(diff_id.text, layer.diff_id.text);
	close_store(s);
}

/* A layer as a manifest with these members has it; its manifest is gone when this returns. */
static bool layer_of(const char *members, struct layers *out, struct error *err)
{
	static const char zeros[] =
		"sha256:0000000000000000000000000000000000000000000000000000000000000000";
	auto_text manifest = {0};
	auto_text config = {0};
	auto_manifest m = {0};
	auto_image_config c = {0};

	text_addf(&manifest,
		  "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"%s\",\"digest\":\"%s\","
		  "\"size\":1},\"layers\":[{\"digest\":\"%s\",\"size\":1,%s}]}",
		  OCI_TYPE_CONFIG, zeros, zeros, members);
	text_addf(&config,
		  "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\","
		  "\"diff_ids\":[\"%s\"]}}",
		  zeros);
	return manifest_parse(text_str(&manifest), manifest.len, &m, err) &&
	       image_config_parse(text_str(&config), config.len, &c, err) &&
	       layers_of_image(&m, &c, out, err);
}

TEST(layers_outlive_their_manifest)
{
	struct layers layers = {0};
	struct error err;

	CHECK_OK(layer_of("\"mediaType\":\"" OCI_TYPE_LAYER_GZIP
			  "\",\"urls\":[\"https://example.org/layer\"]",
			  &layers, &err),
		 err);
	CHECK_OR_STOP(layers.n == 1);
	CHECK_TEXT(layers.items[0].blob.media_type, OCI_TYPE_LAYER_GZIP);
	CHECK(!layers.items[0].blob.urls);
	layers_release(&layers);
	CHECK(!layer_of("\"mediaType\":\"text/html\"", &layers, &err));
	CHECK_TEXT(err.message, "layer 1 has the unknown type 'text/html'");
	layers_release(&layers);
}
