/* SPDX-License-Identifier: MIT
 * The trees of an image that is in the store already, however it came there.
 */
#include "lib/build/build.h"

#include "lib/base/memory.h"
#include "lib/build/trees.h"

#include <stdio.h>
#include <string.h>

/* The same text, but one that outlives the manifest; NULL for a type that we do not know. */
static const char *known_type(const char *type)
{
	static const char *const types[] = {OCI_TYPE_LAYER, OCI_TYPE_LAYER_GZIP,
					    OCI_TYPE_LAYER_ZSTD};

	for (size_t i = 0; i < array_len(types); i++)
		if (strcmp(types[i], type) == 0)
			return types[i];
	return NULL;
}

bool layers_of_image(const struct manifest *m, const struct image_config *c, struct layers *layers,
		     struct error *err)
{
	struct digest chain = {0};

	if (m->n_layers != c->n_diff_ids)
		return fail(err, ERROR_BUILD, "the image has %zu layers but %zu diff_ids",
			    m->n_layers, c->n_diff_ids);
	for (size_t i = 0; i < m->n_layers; i++) {
		struct layer layer = {
			.is_fixed = true, .diff_id = c->diff_ids[i], .blob = m->layers[i]};

		/* we have the bytes: where else they lie is no news, and the text is the manifest's
		 */
		layer.blob.urls = NULL;
		layer.blob.media_type = known_type(m->layers[i].media_type);
		if (!layer.blob.media_type)
			return fail(err, ERROR_BUILD, "layer %zu has the unknown type '%s'", i + 1,
				    m->layers[i].media_type);
		chain = chain_id(i ? &chain : NULL, &layer.diff_id);
		snprintf(layer.tree, sizeof(layer.tree), "%s", digest_hex(&chain));
		layers_add(layers, &layer);
	}
	return true;
}

static bool find_layers(struct store *s, const struct digest *manifest, struct layers *layers,
			struct error *err)
{
	struct manifest m = {0};
	struct image_config c = {0};
	auto_strings trees = {0};
	bool ok = store_image_load(s, manifest, &m, &c, err);
	int recorded = ok ? image_record_get(s, manifest, &trees, err) : -1;

	ok = ok && recorded >= 0 && layers_of_image(&m, &c, layers, err);
	/* an image of ours: its trees have the names they got when they were made */
	for (size_t i = 0; ok && recorded > 0 && i < layers->n && i < trees.n; i++)
		memcpy(layers->items[i].tree, trees.items[i], KEY_HEX_SIZE);
	manifest_release(&m);
	image_config_release(&c);
	return ok;
}

bool image_trees(struct sandbox *inside, struct store *s, const struct digest *manifest,
		 struct strings *lowers, struct error *err)
{
	struct workshop w = {.inside = inside, .store = s, .note = workshop_log_note};
	struct layers layers = {0};
	bool ok = store_tmp(s, &w.scratch, err) && find_layers(s, manifest, &layers, err) &&
		  trees_get(&w, &layers, layers.n, lowers, err);

	layers_release(&layers);
	return ok;
}
