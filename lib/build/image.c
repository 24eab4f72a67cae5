/* SPDX-License-Identifier: MIT
 * The trees of an image that is in the store already, however it came there.
 */
#include "lib/build/build.h"

#include "lib/base/memory.h"
#include "lib/build/trees.h"

#include <stdio.h>
#include <string.h>

void layers_of_image(const struct manifest *m, const struct image_config *c, struct layers *layers)
{
	struct digest chain = {0};

	for (size_t i = 0; i < m->n_layers; i++) {
		struct layer layer = {.is_fixed = true, .diff_id = c->diff_ids[i]};

		layer.blob = m->layers[i];
		chain = chain_id(i ? &chain : NULL, &layer.diff_id);
		snprintf(layer.tree, sizeof(layer.tree), "%s", digest_hex(&chain));
		layers_add(layers, &layer);
	}
}

static void ignore_note(void *context maybe_unused, const char *text maybe_unused) {}

static bool find_layers(struct store *s, const struct digest *manifest, struct layers *layers,
			struct error *err)
{
	struct manifest m = {0};
	struct image_config c = {0};
	auto_strings trees = {0};
	bool ok = store_image_load(s, manifest, &m, &c, err);
	int recorded = ok ? image_record_get(s, manifest, &trees, err) : -1;

	if (ok && m.n_layers != c.n_diff_ids)
		ok = fail(err, ERROR_BUILD, "the image has %zu layers but %zu diff_ids", m.n_layers,
			  c.n_diff_ids);
	ok = ok && recorded >= 0;
	if (ok)
		layers_of_image(&m, &c, layers);
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
	struct workshop w = {.inside = inside, .store = s, .note = ignore_note};
	struct layers layers = {0};
	size_t missing = 0;
	int found = -1;

	if (store_tmp(s, &w.scratch, err) && find_layers(s, manifest, &layers, err))
		found = trees_find(&w, &layers, layers.n, lowers, &missing, err);
	if (found == 0)
		fail(err, ERROR_NOT_FOUND, "layer %zu of the image is not in the store",
		     missing + 1);
	layers_release(&layers);
	return found > 0;
}
