/* SPDX-License-Identifier: MIT
 * The archive of `docker save`: manifest.json names, for each image, the file of its config and
 * those of its layers. Source: moby/moby, image/spec/v1.2.md.
 */
#include "lib/data/json.h"
#include "lib/store/import_internal.h"

#include <string.h>
#include <unistd.h>

/* "busybox" as docker means it: "docker.io/library/busybox:latest"; NULL when it is no reference.
 */
static char *full_name(const char *name)
{
	auto_reference r = {0};
	struct error ignored; /* what cannot be read is compared as it is */

	if (!reference_parse(name, &r, &ignored))
		return NULL;
	bool is_short = !r.registry && !strchr(r.path, '/');

	return xprintf("%s/%s%s:%s", r.registry ? r.registry : "docker.io",
		       is_short ? "library/" : "", r.path, r.tag ? r.tag : "latest");
}

static bool is_same_name(const char *a, const char *b)
{
	auto_free char *full_a = full_name(a);
	auto_free char *full_b = full_name(b);

	return strcmp(a, b) == 0 || (full_a && full_b && strcmp(full_a, full_b) == 0);
}

/* Has the image that name? All its names are added to `names`. */
static bool has_name(const struct json *image, const char *tag, struct text *names)
{
	const struct json *tags = json_find(image, "RepoTags");
	bool found = false;

	for (size_t i = 0; i < json_count(tags); i++) {
		const char *name = json_text(json_at(tags, i));

		if (!name)
			continue;
		text_addf(names, "%s%s", names->len ? ", " : "", name);
		found |= tag && is_same_name(name, tag);
	}
	return found;
}

static const struct json *choose(const struct json *images, const char *tag, struct error *err)
{
	const struct json *chosen = NULL;
	auto_text names = {0};

	for (size_t i = 0; i < json_count(images); i++)
		if (has_name(json_at(images, i), tag, &names) && !chosen)
			chosen = json_at(images, i);
	if (!tag && json_count(images) == 1)
		chosen = json_at(images, 0);
	if (chosen)
		return chosen;
	if (tag)
		fail(err, ERROR_NOT_FOUND, "it has no image '%s', only: %s", tag,
		     names.len ? text_str(&names) : "some without a name");
	else if (json_count(images) == 0)
		fail(err, ERROR_NOT_FOUND, "it has no image");
	else
		fail(err, ERROR_NOT_FOUND, "it has several images: %s", text_str(&names)),
			fail_hint(err, "name one behind the path: PATH:TAG");
	return NULL;
}

static const struct member *get_member(const struct members *m, const char *path, struct error *err)
{
	const struct member *found = archive_find(m, path);

	if (!found)
		fail(err, ERROR_BUILD, "manifest.json names '%s', which is not there", path);
	return found;
}

/* By the first bytes, as every reader of such archives does; plain tar is not seen by its first. */
static bool type_of(struct store *s, const struct digest *d, const char **out, struct error *err)
{
	static const unsigned char gzip[] = {0x1f, 0x8b};
	static const unsigned char zstd[] = {0x28, 0xb5, 0x2f, 0xfd};
	unsigned char first[4] = {0};
	auto_fd int fd = -1;

	if (store_blob_open(s, d, &fd, NULL, err) <= 0)
		return fail(err, ERROR_BUILD, "blob '%s' is gone", d->text);
	if (pread(fd, first, sizeof(first), 0) < 0)
		return fail_errno(err, "reading blob '%s'", d->text);
	if (memcmp(first, gzip, sizeof(gzip)) == 0)
		*out = OCI_TYPE_LAYER_GZIP;
	else if (memcmp(first, zstd, sizeof(zstd)) == 0)
		*out = OCI_TYPE_LAYER_ZSTD;
	return true;
}

static bool add_layer(struct store *s, const struct members *m, const struct json *name,
		      const struct digest *diff_id, struct manifest *out, struct error *err)
{
	struct descriptor layer = {.media_type = OCI_TYPE_LAYER};
	const char *path = json_text(name);

	if (!path)
		return json_expect(name, JSON_KIND_TEXT, "Layers", err);
	const struct member *member = get_member(m, path, err);

	if (!member || !type_of(s, &member->digest, &layer.media_type, err))
		return false;
	layer.digest = member->digest;
	layer.size = member->size;
	/* a compressed layer is compared when it is unpacked */
	if (strcmp(layer.media_type, OCI_TYPE_LAYER) == 0 &&
	    !digest_is_equal(&layer.digest, diff_id))
		return fail(err, ERROR_BUILD, "'%s' is '%s', but the config says '%s'", path,
			    layer.digest.text, diff_id->text);
	manifest_add_layer(out, &layer);
	return true;
}

static bool add_config(struct store *s, const struct members *m, const struct json *image,
		       struct manifest *out, struct image_config *config, struct error *err)
{
	const char *name = NULL;
	auto_text bytes = {0};

	if (!json_get_text(image, "Config", &name, err))
		return false;
	const struct member *member = get_member(m, name, err);

	if (!member || !store_blob_read(s, &member->digest, OCI_CONFIG_LIMIT, &bytes, err) ||
	    !image_config_parse(text_str(&bytes), bytes.len, config, err))
		return false;
	out->config = (struct descriptor){
		.media_type = OCI_TYPE_CONFIG, .digest = member->digest, .size = member->size};
	return true;
}

static bool make_manifest(struct store *s, const struct members *m, const struct json *image,
			  struct manifest *out, struct error *err)
{
	const struct json *layers = NULL;
	auto_image_config config = {0};

	if (!json_expect(image, JSON_KIND_OBJECT, "manifest.json", err) ||
	    !json_get_list(image, "Layers", &layers, err) ||
	    !add_config(s, m, image, out, &config, err))
		return false;
	if (json_count(layers) != config.n_diff_ids)
		return fail(err, ERROR_BUILD, "manifest.json names %zu layers, the config %zu",
			    json_count(layers), config.n_diff_ids);
	for (size_t i = 0; i < config.n_diff_ids; i++)
		if (!add_layer(s, m, json_at(layers, i), &config.diff_ids[i], out, err))
			return fail_in(err, "layer %zu", i + 1);
	return true;
}

bool import_docker(struct store *s, const struct members *m, const char *tag,
		   struct descriptor *out, char **name, struct error *err)
{
	auto_json struct json *images = NULL;
	auto_manifest manifest = {0};
	auto_text bytes = {0};

	if (m->index.len == 0)
		return fail(err, ERROR_BUILD,
			    "it has no manifest.json, so it is no docker archive");
	if (!json_parse(text_str(&m->index), m->index.len, OCI_MANIFEST_LIMIT, &images, err) ||
	    !json_expect(images, JSON_KIND_LIST, "manifest.json", err))
		return err->code = ERROR_BUILD, fail_in(err, "'manifest.json'");
	const struct json *image = choose(images, tag, err);

	if (!image)
		return false;
	if (!make_manifest(s, m, image, &manifest, err)) {
		if (err->code == ERROR_SPEC)
			err->code = ERROR_BUILD;
		return false;
	}
	manifest_format(&manifest, &bytes);
	if (!store_blob_put(s, OCI_TYPE_MANIFEST, &bytes, out, err))
		return false;
	const char *first = json_text(json_at(json_find(image, "RepoTags"), 0));

	*name = tag ? xstrdup(tag) : first ? xstrdup(first) : NULL;
	return true;
}
