/* SPDX-License-Identifier: MIT
 * Records are small JSON documents in the store, kept by key. A record that cannot be read or whose
 * blob is gone is a miss, never an error: it is only a cache.
 */
#include "lib/build/state.h"

#include "lib/base/memory.h"
#include "lib/data/json.h"

#include <inttypes.h>
#include <string.h>

enum { RECORD_LIMIT = 1 << 20 };

/* zlib's bytes differ from ISA-L's and each library's may change: raise it when they do. */
static const char pack_format[] = "1";

void layers_release(struct layers *l)
{
	free(l->items);
	*l = (struct layers){0};
}

void layers_add(struct layers *l, const struct layer *layer)
{
	l->items = list_grow(l->items, l->n, &l->capacity, sizeof(*l->items));
	l->items[l->n++] = *layer;
}

static int read_record(struct store *s, const char *kind, const char *key, struct json **out,
		       struct error *err)
{
	auto_text bytes = {0};
	struct error damaged; /* an unreadable record is a miss */
	int found = store_record_get(s, kind, key, &bytes, err);

	if (found <= 0)
		return found;
	return json_parse(text_str(&bytes), bytes.len, RECORD_LIMIT, out, &damaged) ? 1 : 0;
}

static bool copy_key(char out[KEY_HEX_SIZE], const char *text)
{
	if (!text || text[strspn(text, "0123456789abcdef")] ||
	    (*text && strlen(text) != KEY_HEX_SIZE - 1))
		return false;
	memcpy(out, text, strlen(text) + 1);
	return true;
}

int step_record_get(struct store *s, const char *key, struct step_record *out, struct error *err)
{
	auto_json struct json *j = NULL;
	struct step_record record = {0};
	int found = read_record(s, "steps", key, &j, err);

	if (found <= 0)
		return found;
	if (!copy_key(record.tree, json_text(json_find(j, "tree"))))
		return 0;
	record.created = json_integer_of(json_find(j, "created"));
	record.ms = (uint64_t)json_integer_of(json_find(j, "ms"));
	*out = record;
	return 1;
}

bool step_record_put(struct store *s, const char *key, const struct step_record *record,
		     struct error *err)
{
	auto_text bytes = {0};

	text_addf(&bytes, "{\"v\":1,\"tree\":\"%s\",\"created\":%" PRId64 ",\"ms\":%" PRIu64 "}",
		  record->tree, record->created, record->ms);
	return store_record_put(s, "steps", key, &bytes, err);
}

static void pack_key(enum compression c, const struct layer *layer, char out[KEY_HEX_SIZE])
{
	auto_key k = {0};

	key_begin(&k, "pack");
	key_text(&k, "format", pack_format);
	key_text(&k, "tree", layer->tree);
	key_text(&k, "compression", compression_name(c));
	key_text(&k, "times", layer->times == TIMES_EPOCH ? "epoch" : "clamped");
	key_number(&k, "has_epoch", layer->has_epoch);
	key_number(&k, "epoch", layer->has_epoch ? layer->epoch : 0);
	key_hex(&k, out);
}

const char *layer_media_type(enum compression c)
{
	switch (c) {
	case COMPRESSION_NONE:
		return OCI_TYPE_LAYER;
	case COMPRESSION_GZIP:
		return OCI_TYPE_LAYER_GZIP;
	case COMPRESSION_ZSTD:
		return OCI_TYPE_LAYER_ZSTD;
	}
	return OCI_TYPE_LAYER;
}

/* diff_id and blob of a pack record, if the blob is still there: 1, 0, -1. */
static int read_pack(struct store *s, const char *kind, const char *key, struct digest *diff_id,
		     struct descriptor *blob, struct error *err)
{
	auto_json struct json *j = NULL;
	struct error damaged;
	struct digest found_diff_id;
	struct descriptor d = {0};
	enum compression c;
	int found = read_record(s, kind, key, &j, err);

	if (found <= 0)
		return found;
	const char *diff_text = json_text(json_find(j, "diff_id"));
	const char *blob_text = json_text(json_find(j, "blob"));
	const char *compression = json_text(json_find(j, "compression"));

	if (!diff_text || !blob_text || !compression ||
	    !digest_parse(diff_text, &found_diff_id, &damaged) ||
	    !digest_parse(blob_text, &d.digest, &damaged) ||
	    !compression_parse(compression, &c, &damaged))
		return 0;
	d.media_type = layer_media_type(c);
	/* lease first, then look: the collector leaves what it sees leased */
	if (!store_lease(s, &d.digest, err))
		return -1;
	found = store_blob_open(s, &d.digest, NULL, &d.size, err);
	if (found <= 0)
		return found;
	*diff_id = found_diff_id;
	*blob = d;
	return 1;
}

int pack_find(struct store *s, enum compression c, struct layer *layer, struct error *err)
{
	char key[KEY_HEX_SIZE];

	if (digest_is_set(&layer->diff_id))
		return 1;
	pack_key(c, layer, key);
	return read_pack(s, "packs", key, &layer->diff_id, &layer->blob, err);
}

int pack_find_any(struct store *s, const char *tree, struct digest *diff_id,
		  struct descriptor *blob, struct error *err)
{
	return read_pack(s, "blobs", tree, diff_id, blob, err);
}

bool pack_put(struct store *s, enum compression c, const struct layer *layer, struct error *err)
{
	char key[KEY_HEX_SIZE];
	auto_text bytes = {0};

	pack_key(c, layer, key);
	text_addf(&bytes, "{\"v\":1,\"diff_id\":\"%s\",\"blob\":\"%s\",\"compression\":\"%s\"}",
		  layer->diff_id.text, layer->blob.digest.text, compression_name(c));
	return store_record_put(s, "packs", key, &bytes, err) &&
	       store_record_put(s, "blobs", layer->tree, &bytes, err);
}

int image_record_get(struct store *s, const struct digest *manifest, struct strings *trees,
		     struct error *err)
{
	auto_json struct json *j = NULL;
	int found = read_record(s, "images", digest_hex(manifest), &j, err);

	if (found <= 0)
		return found;
	const struct json *list = json_find(j, "trees");

	for (size_t i = 0; i < json_count(list); i++) {
		char tree[KEY_HEX_SIZE];

		if (!copy_key(tree, json_text(json_at(list, i)))) {
			strings_release(trees);
			return 0;
		}
		strings_add(trees, tree);
	}
	return 1;
}

bool image_record_put(struct store *s, const struct digest *manifest, const struct layers *layers,
		      struct error *err)
{
	auto_text bytes = {0};

	text_add(&bytes, "{\"v\":1,\"trees\":[");
	for (size_t i = 0; i < layers->n; i++)
		text_addf(&bytes, "%s\"%s\"", i ? "," : "", layers->items[i].tree);
	text_add(&bytes, "]}");
	return store_record_put(s, "images", digest_hex(manifest), &bytes, err);
}
