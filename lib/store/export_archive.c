/* SPDX-License-Identifier: MIT
 * Images as one tar: an OCI layout, or what `docker save` writes (moby/moby, image/spec/v1.2.md),
 * whose layers are plain tars because older readers take nothing else.
 */
#include "lib/base/interrupt.h"
#include "lib/store/export_internal.h"

#include <string.h>

static bool add_directory(struct tar_writer *tar, const char *path, struct error *err)
{
	return tar_writer_entry(tar, &(struct tar_entry){.path = path, .type = '5', .mode = 0755},
				err);
}

static bool begin_file(struct tar_writer *tar, const char *path, uint64_t size, struct error *err)
{
	const struct tar_entry entry = {.path = path, .type = '0', .mode = 0644, .size = size};

	return tar_writer_entry(tar, &entry, err);
}

static bool add_file(struct tar_writer *tar, const char *path, const char *bytes, size_t len,
		     struct error *err)
{
	return begin_file(tar, path, len, err) && tar_writer_data(tar, bytes, len, err);
}

static bool write_data(void *context, const void *bytes, size_t len, struct error *err)
{
	return tar_writer_data(context, bytes, len, err);
}

/* --- an OCI layout */

static bool add_blob(struct outgoing *x, void *context, const struct digest *d, uint64_t size,
		     struct error *err)
{
	struct tar_writer *tar = context;
	auto_free char *path = xprintf("blobs/sha256/%s", digest_hex(d));

	return begin_file(tar, path, size, err) &&
	       export_blob(x, d, size, (struct sink){write_data, tar}, err);
}

bool export_oci_archive(struct outgoing *x, struct sink out, struct error *err)
{
	auto_tar_writer struct tar_writer *tar = tar_writer_new(out);
	auto_text index = {0};

	export_index(x, &index);
	return add_file(tar, "oci-layout", EXPORT_LAYOUT, strlen(EXPORT_LAYOUT), err) &&
	       add_file(tar, "index.json", index.bytes, index.len, err) &&
	       add_directory(tar, "blobs", err) && add_directory(tar, "blobs/sha256", err) &&
	       export_each_blob(x, add_blob, tar, err) && tar_writer_finish(tar, err);
}

/* --- docker's */

/* The plain bytes of a layer into a sink. BUILD, after the last one, when they are not what the
 * config says. */
static bool send_plain(struct outgoing *x, size_t i, struct sink *out, uint64_t *size,
		       struct error *err)
{
	enum { CHUNK = 1 << 20 };
	auto_sha256 struct sha256 *hash = sha256_new();
	auto_decompressor struct decompressor *plain = NULL;
	auto_free char *buffer = xcalloc(1, CHUNK);
	unsigned char sum[SHA256_BYTES];
	auto_fd int fd = -1;
	size_t got;
	int found = store_blob_open(x->store, &x->m.layers[i].digest, &fd, NULL, err);

	if (found == 0)
		return fail(err, ERROR_NOT_FOUND, "blob '%s' is not in the store",
			    x->m.layers[i].digest.text);
	if (found < 0 || !decompress_open(source_of_fd(&fd), &plain, err))
		return false;
	struct source in = decompress_source(plain);

	*size = 0;
	do {
		if (!interrupt_check(err) || !in.read(in.context, buffer, CHUNK, &got, err))
			return false;
		sha256_update(hash, buffer, got);
		*size += got;
		if (got && out && !out->write(out->context, buffer, got, err))
			return false;
	} while (got);
	sha256_finish(hash, sum);
	struct digest is = digest_of_sha256(sum);

	return digest_is_equal(&is, &x->config.diff_ids[i]) ||
	       fail(err, ERROR_BUILD, "its bytes are '%s', but the config says '%s'", is.text,
		    x->config.diff_ids[i].text);
}

static char *layer_name(const struct outgoing *x, size_t i)
{
	return xprintf("%s.tar", digest_hex(&x->config.diff_ids[i]));
}

/* A tar says the size of a file before its bytes, so a layer is read twice. */
static bool add_layer(struct outgoing *x, size_t i, struct tar_writer *tar, struct error *err)
{
	auto_free char *name = layer_name(x, i);
	struct sink out = {write_data, tar};
	uint64_t size = 0;

	for (size_t k = 0; k < i; k++)
		if (digest_is_equal(&x->config.diff_ids[k], &x->config.diff_ids[i]))
			return true;
	return send_plain(x, i, NULL, &size, err) && begin_file(tar, name, size, err) &&
	       send_plain(x, i, &out, &size, err);
}

/* [{"Config": …, "RepoTags": […], "Layers": […]}] */
static void docker_manifest(const struct outgoing *x, const char *config, struct text *out)
{
	text_add(out, "[{\"Config\":");
	text_add_json(out, config);
	text_add(out, ",\"RepoTags\":[");
	if (x->name)
		text_add_json(out, x->name);
	text_add(out, "],\"Layers\":[");
	for (size_t i = 0; i < x->m.n_layers; i++) {
		auto_free char *name = layer_name(x, i);

		text_add(out, i ? "," : "");
		text_add_json(out, name);
	}
	text_add(out, "]}]\n");
}

bool export_docker_archive(struct outgoing *x, struct sink out, struct error *err)
{
	auto_tar_writer struct tar_writer *tar = tar_writer_new(out);
	auto_free char *config = xprintf("%s.json", digest_hex(&x->m.config.digest));
	auto_text manifest = {0};

	docker_manifest(x, config, &manifest);
	if (!add_file(tar, "manifest.json", manifest.bytes, manifest.len, err) ||
	    !begin_file(tar, config, x->m.config.size, err) ||
	    !export_blob(x, &x->m.config.digest, x->m.config.size, (struct sink){write_data, tar},
			 err))
		return false;
	for (size_t i = 0; i < x->m.n_layers; i++)
		if (!add_layer(x, i, tar, err))
			return fail_in(err, "layer %zu", i + 1);
	return tar_writer_finish(tar, err);
}
