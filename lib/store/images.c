/* SPDX-License-Identifier: MIT
 * Images: what a tag names, its manifest and config.
 */
#include "lib/store/store_internal.h"

#include "lib/base/time.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { INDEX_NESTING = 2, SHORT_DIGEST_MIN = 6 };

void store_image_release(struct store_image *i)
{
	free(i->name);
	*i = (struct store_image){0};
}

void store_images_release(struct store_images *l)
{
	for (size_t i = 0; i < l->n; i++)
		store_image_release(&l->items[i]);
	free(l->items);
	*l = (struct store_images){0};
}

/* Read a manifest; an index leads to the one for this machine. Each digest read is noted in
 * `passed`. */
static bool load_manifest(struct store *s, const struct digest *d, struct strings *passed,
			  struct manifest *out, struct error *err)
{
	struct digest at = *d;

	for (int nesting = 0;; nesting++) {
		auto_text text = {0};
		auto_index index = {0};
		struct error not_an_index;

		strings_add(passed, at.text);
		if (!store_blob_read(s, &at, OCI_MANIFEST_LIMIT, &text, err))
			return false;
		if (manifest_parse(text_str(&text), text.len, out, err))
			return true;
		if (nesting == INDEX_NESTING ||
		    !index_parse(text_str(&text), text.len, &index, &not_an_index))
			return fail_in(err, "'%s'", at.text);
		const struct index_entry *e = index_find_platform(&index, err);

		if (!e)
			return fail_in(err, "'%s'", at.text);
		at = e->descriptor.digest;
	}
}

static bool load_config(struct store *s, const struct manifest *m, struct image_config *out,
			struct error *err)
{
	auto_image_config c = {0};
	auto_text text = {0};

	if (!store_blob_read(s, &m->config.digest, OCI_CONFIG_LIMIT, &text, err) ||
	    !image_config_parse(text_str(&text), text.len, &c, err))
		return false;
	if (c.n_diff_ids != m->n_layers)
		return fail(err, ERROR_BUILD, "the manifest has %zu layers, its config %zu",
			    m->n_layers, c.n_diff_ids);
	*out = c;
	c = (struct image_config){0};
	return true;
}

bool store_manifest_load(struct store *s, const struct digest *d, struct digest *chosen,
			 struct manifest *m, struct image_config *c, struct error *err)
{
	auto_strings passed = {0};
	auto_manifest loaded = {0};

	if (!load_manifest(s, d, &passed, &loaded, err) || !load_config(s, &loaded, c, err) ||
	    !digest_parse(passed.items[passed.n - 1], chosen, err))
		return false;
	*m = loaded;
	loaded = (struct manifest){0};
	return true;
}

bool store_image_load(struct store *s, const struct digest *manifest, struct manifest *m,
		      struct image_config *c, struct error *err)
{
	struct digest chosen;

	return store_manifest_load(s, manifest, &chosen, m, c, err);
}

static void add_trees(const struct image_config *c, struct strings *trees)
{
	struct digest chain = {0};

	for (size_t i = 0; i < c->n_diff_ids; i++) {
		chain = chain_id(&chain, &c->diff_ids[i]);
		strings_add(trees, c->diff_ids[i].text);
		strings_add(trees, chain.text);
	}
}

static bool check_layer(struct store *s, const struct descriptor *layer, struct error *err)
{
	uint64_t size = 0;
	int found = store_blob_open(s, &layer->digest, NULL, &size, err);

	if (found < 0)
		return false;
	if (found == 0)
		/* non-distributable layers lie elsewhere */
		return layer->urls || fail(err, ERROR_NOT_FOUND, "layer '%s' is not in the store",
					   layer->digest.text);
	if (size == layer->size)
		return true;
	return fail(err, ERROR_BUILD, "layer '%s' has %llu bytes instead of %llu",
		    layer->digest.text, (unsigned long long)size, (unsigned long long)layer->size);
}

bool store_closure(struct store *s, const struct digest *manifest, bool must_exist,
		   struct strings *blobs, struct strings *trees, struct error *err)
{
	auto_manifest m = {0};
	auto_image_config c = {0};

	if (!load_manifest(s, manifest, blobs, &m, err))
		return !must_exist && (err->code == ERROR_NOT_FOUND || err->code == ERROR_BUILD);
	strings_add(blobs, m.config.digest.text);
	for (size_t i = 0; i < m.n_layers; i++) {
		if (must_exist && !check_layer(s, &m.layers[i], err))
			return false;
		strings_add(blobs, m.layers[i].digest.text);
	}
	if (!load_config(s, &m, &c, err))
		return !must_exist && (err->code == ERROR_NOT_FOUND || err->code == ERROR_BUILD);
	add_trees(&c, trees);
	return true;
}

/* Entries without a name, which other tools may write, go by their digest. */
static const char *entry_name(const struct index_entry *e)
{
	return e->ref_name ? e->ref_name : e->descriptor.digest.text;
}

/* Remove all entries of that name; how many there were. */
static size_t remove_name(struct index *i, const char *name)
{
	size_t n = 0;

	for (size_t k = i->n_entries; k-- > 0;) {
		if (strcmp(entry_name(&i->entries[k]), name) != 0)
			continue;
		index_remove(i, k);
		n++;
	}
	return n;
}

static bool is_tagged(const struct index *i, const char *name, const struct digest *d)
{
	for (size_t k = 0; k < i->n_entries; k++)
		if (i->entries[k].ref_name && strcmp(i->entries[k].ref_name, name) == 0)
			return digest_is_equal(&i->entries[k].descriptor.digest, d);
	return false;
}

static bool tag(struct store *s, const char *name, const struct descriptor *manifest,
		struct error *err)
{
	auto_strings blobs = {0};
	auto_strings trees = {0};
	auto_index index = {0};
	auto_fd int lock = -1;

	/* under the lock no collector runs: what exists now stays */
	if (!store_index_lock(s, &lock, err) ||
	    !store_closure(s, &manifest->digest, true, &blobs, &trees, err) ||
	    !store_index_load(s, &index, err))
		return false;
	if (is_tagged(&index, name, &manifest->digest))
		return true;
	if (fsync(s->blobs_fd) < 0)
		return fail_errno(err, "syncing '%s/" BLOBS_DIRECTORY "'", s->path);
	remove_name(&index, name);
	index_add(&index, &(struct index_entry){.descriptor = *manifest, .ref_name = name});
	return store_index_save(s, &index, err);
}

bool store_tag(struct store *s, const char *name, const struct descriptor *manifest,
	       struct error *err)
{
	auto_reference reference = {0};

	if (!reference_parse(name, &reference, err))
		return false;
	return tag(s, name, manifest, err) || fail_in(err, "tagging '%s'", name);
}

static bool fail_no_image(const char *name, struct error *err)
{
	fail(err, ERROR_NOT_FOUND, "no image '%s' in the store", name);
	return fail_hint(err, "'chutes images' lists what there is");
}

bool store_untag(struct store *s, const char *name, struct error *err)
{
	auto_index index = {0};
	auto_fd int lock = -1;

	if (!store_index_lock(s, &lock, err) || !store_index_load(s, &index, err))
		return false;
	if (remove_name(&index, name) == 0)
		return fail_no_image(name, err);
	store_reserve_free(s);
	bool ok = store_index_save(s, &index, err);

	store_reserve_take(s);
	return ok;
}

/* Sizes and time are 0 where the image is not whole: a list must still show it. */
static void describe(struct store *s, struct store_image *i)
{
	auto_strings passed = {0};
	auto_manifest m = {0};
	auto_image_config c = {0};
	struct error ignored;

	if (!load_manifest(s, &i->manifest.digest, &passed, &m, &ignored))
		return;
	i->size_bytes = m.config.size;
	for (size_t k = 0; k < m.n_layers; k++)
		i->size_bytes += m.layers[k].size;
	if (load_config(s, &m, &c, &ignored) && c.created &&
	    !time_parse(c.created, &i->created, &ignored))
		i->created = 0;
}

static int compare_images(const void *a, const void *b)
{
	return strcmp(((const struct store_image *)a)->name, ((const struct store_image *)b)->name);
}

static void list_add(struct store_images *l, const struct index_entry *e)
{
	const char *type = e->descriptor.media_type;

	l->items = list_grow(l->items, l->n, &l->capacity, sizeof(*l->items));
	l->items[l->n++] = (struct store_image){
		.name = xstrdup(entry_name(e)),
		.manifest = {.media_type = strcmp(type, OCI_TYPE_INDEX) == 0 ? OCI_TYPE_INDEX
									     : OCI_TYPE_MANIFEST,
			     .digest = e->descriptor.digest,
			     .size = e->descriptor.size},
	};
}

bool store_images_list(struct store *s, struct store_images *out, struct error *err)
{
	auto_index index = {0};
	struct store_images list = {0};

	if (!store_index_load(s, &index, err))
		return false;
	for (size_t i = 0; i < index.n_entries; i++)
		list_add(&list, &index.entries[i]);
	for (size_t i = 0; i < list.n; i++)
		describe(s, &list.items[i]);
	if (list.n)
		qsort(list.items, list.n, sizeof(*list.items), compare_images);
	*out = list;
	return true;
}

static bool is_without_tag(const char *full, const char *name)
{
	size_t len = strlen(name);

	return strncmp(full, name, len) == 0 && full[len] == ':' && !strchr(full + len, '/');
}

static bool is_digest_start(const struct digest *d, const char *name)
{
	if (strcmp(d->text, name) == 0)
		return true;
	const char *hex = text_starts_with(name, "sha256:") ? name + strlen("sha256:") : name;

	return strlen(hex) >= SHORT_DIGEST_MIN && text_starts_with(digest_hex(d), hex);
}

enum match { MATCH_NAME, MATCH_WITHOUT_TAG, MATCH_DIGEST, MATCH_N };

static bool matches(const struct index_entry *e, const char *name, enum match how)
{
	switch (how) {
	case MATCH_NAME:
		return strcmp(entry_name(e), name) == 0;
	case MATCH_WITHOUT_TAG:
		return is_without_tag(entry_name(e), name);
	case MATCH_DIGEST:
		return is_digest_start(&e->descriptor.digest, name);
	case MATCH_N:
		break;
	}
	return false;
}

/* The first entry that matches. Several are one and the same image when they have one digest. */
static int find_by(const struct index *index, const char *name, enum match how,
		   const struct index_entry **out, struct error *err)
{
	const struct index_entry *first = NULL;
	auto_text names = {0};
	bool is_ambiguous = false;

	for (size_t i = 0; i < index->n_entries; i++) {
		const struct index_entry *e = &index->entries[i];

		if (!matches(e, name, how))
			continue;
		text_addf(&names, "%s%s", first ? ", " : "", entry_name(e));
		if (!first)
			first = e;
		else if (how == MATCH_WITHOUT_TAG ||
			 !digest_is_equal(&first->descriptor.digest, &e->descriptor.digest))
			is_ambiguous = true;
	}
	if (is_ambiguous) {
		fail(err, ERROR_CONFLICT, "'%s' is ambiguous: %s", name, text_str(&names));
		fail_hint(err, "give the full name, or more digits of the digest");
		return -1;
	}
	*out = first;
	return first != NULL;
}

int store_image_find(struct store *s, const char *name, struct store_image *out, struct error *err)
{
	auto_index index = {0};

	if (!store_index_load(s, &index, err))
		return -1;
	for (enum match how = MATCH_NAME; how < MATCH_N; how++) {
		const struct index_entry *e = NULL;
		int found = find_by(&index, name, how, &e, err);

		if (found == 0)
			continue;
		if (found > 0) {
			struct store_images one = {0};

			list_add(&one, e);
			describe(s, &one.items[0]);
			*out = one.items[0];
			free(one.items);
		}
		return found;
	}
	return 0;
}
