/* SPDX-License-Identifier: MIT
 * The end of a build: config, manifest and tag, from layers and records alone. Nothing here depends
 * on whether a step ran now or years ago, so a cached build gives the same digest.
 */
#include "lib/build/builder.h"

#include "lib/base/memory.h"
#include "lib/base/time.h"

#include <string.h>

/* The newest record decides, so that a build without an epoch keeps its digest while everything is
 * cached. */
static int64_t created_of(const struct builder *b)
{
	int64_t newest = b->base.created;

	if (b->has_epoch)
		return b->epoch;
	for (size_t i = 0; i < b->plan.n; i++)
		if (b->plan.steps[i].kind != PLAN_META && b->states[i].record.created > newest)
			newest = b->states[i].record.created;
	return newest;
}

static void add_history(const struct builder *b, struct image_config *c, int64_t created)
{
	int64_t last = b->base.created;

	for (size_t i = 0; i < b->plan.n; i++) {
		auto_text when = {0};
		struct layer ignored;
		bool has_layer = step_layer(b, i, &ignored);

		if (b->has_epoch)
			last = created;
		else if (b->plan.steps[i].kind != PLAN_META)
			last = b->states[i].record.created;
		text_add_time(&when, last);
		struct history h = {
			.created = text_str(&when),
			.created_by = b->plan.steps[i].created_by,
			.comment = "chutes",
			.is_empty_layer = !has_layer,
		};

		image_config_add_history(c, &h);
	}
}

static bool put_config(const struct builder *b, const struct layers *layers, int64_t created,
		       struct descriptor *out, struct error *err)
{
	struct image_config c = {0};
	auto_text when = {0};
	auto_text bytes = {0};

	image_config_copy(&b->plan.config, &c);
	text_add_time(&when, created);
	c.created = arena_strdup(&c.arena, text_str(&when));
	c.n_diff_ids = 0;
	for (size_t i = 0; i < layers->n; i++)
		image_config_add_diff_id(&c, &layers->items[i].diff_id);
	add_history(b, &c, created);
	image_config_format(&c, &bytes);
	image_config_release(&c);
	return store_blob_put(b->store, OCI_TYPE_CONFIG, &bytes, out, err);
}

static void annotate(const struct builder *b, const char *name, int64_t created, struct manifest *m)
{
	auto_reference reference = {0};
	auto_text when = {0};
	struct error ignored; /* a name that is none is refused when it becomes a tag */
	bool is_name = reference_parse(name, &reference, &ignored);

	text_add_time(&when, created);
	if (b->ids == SANDBOX_SINGLE)
		strings_add(&m->annotations, "ai.chutes.owners=squashed");
	if (digest_is_set(&b->base.manifest))
		strings_addf(&m->annotations, "org.opencontainers.image.base.digest=%s",
			     b->base.manifest.text);
	strings_addf(&m->annotations, "org.opencontainers.image.created=%s", text_str(&when));
	if (is_name && reference.tag)
		strings_addf(&m->annotations, "org.opencontainers.image.version=%s", reference.tag);
}

bool builder_commit(struct builder *b, const struct layers *layers, const char *name,
		    struct build_result *out, struct error *err)
{
	struct manifest m = {0};
	struct descriptor manifest;
	int64_t created = created_of(b);
	auto_text bytes = {0};

	if (layers->n > OCI_LAYERS_LIMIT)
		return fail(err, ERROR_BUILD, "the image has %zu layers, more than the limit of %d",
			    layers->n, OCI_LAYERS_LIMIT);
	if (!put_config(b, layers, created, &m.config, err))
		return false;
	uint64_t size = m.config.size;

	for (size_t i = 0; i < layers->n; i++) {
		manifest_add_layer(&m, &layers->items[i].blob);
		size += layers->items[i].blob.size;
	}
	annotate(b, name, created, &m);
	manifest_format(&m, &bytes);
	manifest_release(&m);
	if (!store_blob_put(b->store, OCI_TYPE_MANIFEST, &bytes, &manifest, err) ||
	    !image_record_put(b->store, &manifest.digest, layers, err) ||
	    !store_tag(b->store, name, &manifest, err))
		return false;
	out->manifest = manifest;
	out->size_bytes = size;
	return true;
}
