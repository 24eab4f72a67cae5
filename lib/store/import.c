/* SPDX-License-Identifier: MIT
 * OCI layouts: in a directory, or in an archive that was read into the store before.
 */
#include "lib/store/import.h"

#include "lib/base/interrupt.h"
#include "lib/base/path.h"
#include "lib/data/json.h"
#include "lib/store/import_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { NESTING_LIMIT = 2, LAYOUT_LIMIT = 4096 };

static void list_names(const struct index *i, struct text *out)
{
	for (size_t k = 0; k < i->n_entries; k++)
		if (i->entries[k].ref_name)
			text_addf(out, "%s%s", out->len ? ", " : "", i->entries[k].ref_name);
}

/* Nothing is named: the only entry, else the one for this machine. */
static const struct index_entry *choose_only(const struct index *i, const char *names,
					     struct error *err)
{
	if (i->n_entries == 1)
		return &i->entries[0];
	if (i->n_entries == 0) {
		fail(err, ERROR_NOT_FOUND, "it has no image");
		return NULL;
	}
	if (!*names)
		return index_find_platform(i, err);
	fail(err, ERROR_NOT_FOUND, "it has several images: %s", names);
	fail_hint(err, "name one behind the path: PATH:TAG");
	return NULL;
}

bool index_choose(const struct index *i, const char *tag, struct digest *out, char **name,
		  struct error *err)
{
	const struct index_entry *e = NULL;
	auto_text names = {0};

	list_names(i, &names);
	for (size_t k = 0; tag && k < i->n_entries && !e; k++)
		if (i->entries[k].ref_name && strcmp(i->entries[k].ref_name, tag) == 0)
			e = &i->entries[k];
	if (tag && !e)
		return fail(err, ERROR_NOT_FOUND, "it has no image '%s', only: %s", tag,
			    names.len ? text_str(&names) : "some without a name");
	if (!tag)
		e = choose_only(i, text_str(&names), err);
	if (!e)
		return false;
	*out = e->descriptor.digest;
	if (name)
		*name = e->ref_name ? xstrdup(e->ref_name) : NULL;
	return true;
}

/* Share the bytes on disk where the file system can; else copy them. */
static bool copy_bytes(struct blob_writer *w, int fd, uint64_t size, struct error *err)
{
	auto_free char *buffer = xcalloc(1, IMPORT_CHUNK);
	uint64_t total = 0;

	if (size > 0 && store_blob_clone(w, fd, size))
		return true;
	while (total < size) {
		size_t wanted = size - total < IMPORT_CHUNK ? (size_t)(size - total) : IMPORT_CHUNK;
		ssize_t n = pread(fd, buffer, wanted, (off_t)total);

		if (n < 0 && errno == EINTR && interrupt_check(err))
			continue;
		if (n < 0)
			return interrupt_check(err) && fail_errno(err, "reading");
		if (n == 0)
			return fail(err, ERROR_BUILD, "it ends after %llu of %llu bytes",
				    (unsigned long long)total, (unsigned long long)size);
		if (!interrupt_check(err) || !store_blob_write(w, buffer, (size_t)n, err))
			return false;
		total += (uint64_t)n;
	}
	return true;
}

/* What the store holds is what is verified: the source may change under our hands. */
static bool copy_blob(struct store *s, int fd, const struct digest *d, uint64_t size,
		      struct error *err)
{
	struct blob_writer *w = NULL;

	if (!store_blob_begin(s, &w, err))
		return false;
	if (!copy_bytes(w, fd, size, err) || !store_blob_check(w, d, size, err)) {
		store_blob_abort(w);
		return false;
	}
	return store_blob_commit(w, d, err);
}

/* `size` 0: any up to `limit`. */
static bool take_blob(struct store *s, int layout_fd, const struct digest *d, uint64_t size,
		      uint64_t limit, struct error *err)
{
	auto_free char *path = xprintf("blobs/sha256/%s", digest_hex(d));
	uint64_t have = 0;
	struct stat st;

	if (!store_lease(s, d, err))
		return false;
	int found = store_blob_open(s, d, NULL, &have, err);

	if (found < 0 || (found > 0 && (size == 0 || have == size)))
		return found > 0;
	/* a layout made of links is usual; no pipe may hold us up */
	auto_fd int fd =
		layout_fd < 0 ? -1 : openat(layout_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (layout_fd < 0 || (fd < 0 && errno == ENOENT))
		return fail(err, ERROR_BUILD, "blob '%s' is missing", d->text);
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail_errno(err, "blob '%s'", d->text);
	if (!S_ISREG(st.st_mode))
		return fail(err, ERROR_BUILD, "blob '%s' is not a file", d->text);
	have = (uint64_t)st.st_size;
	if ((size > 0 && have != size) || have > limit)
		return fail(err, ERROR_BUILD, "blob '%s' has %llu bytes instead of %s%llu", d->text,
			    (unsigned long long)have, size > 0 ? "" : "at most ",
			    (unsigned long long)(size > 0 ? size : limit));
	return copy_blob(s, fd, d, have, err) || fail_in(err, "blob '%s'", d->text);
}

static bool take_layers(struct store *s, int layout_fd, const struct manifest *m, struct error *err)
{
	for (size_t i = 0; i < m->n_layers; i++) {
		const struct descriptor *layer = &m->layers[i];

		if (!layer_type(layer->media_type))
			return fail(err, ERROR_BUILD, "layer %zu is no file system: '%s'", i + 1,
				    layer->media_type);
		if (!take_blob(s, layout_fd, &layer->digest, layer->size, UINT64_MAX, err))
			return fail_in(err, "layer %zu", i + 1);
	}
	return true;
}

/* Docker's manifest becomes an OCI manifest; one that is OCI already keeps its bytes and digest. */
static bool put_manifest(struct store *s, const struct text *bytes, const struct manifest *m,
			 struct descriptor *out, struct error *err)
{
	auto_text formatted = {0};
	auto_json struct json *j = NULL;
	const char *type = NULL;

	if (!json_parse(text_str(bytes), bytes->len, OCI_MANIFEST_LIMIT, &j, err) ||
	    json_find_text(j, "mediaType", &type, err) < 0)
		return false;
	if (!type || strcmp(type, OCI_TYPE_MANIFEST) == 0)
		return store_blob_put(s, OCI_TYPE_MANIFEST, bytes, out, err);
	manifest_format(m, &formatted);
	return store_blob_put(s, OCI_TYPE_MANIFEST, &formatted, out, err);
}

static bool import_image(struct store *s, int layout_fd, const struct text *bytes,
			 const struct manifest *m, struct descriptor *out, struct error *err)
{
	struct descriptor made;
	auto_manifest loaded = {0};
	auto_image_config config = {0};

	if (m->config.size > OCI_CONFIG_LIMIT)
		return fail(err, ERROR_BUILD, "a config of %llu bytes is beyond the limit of %d",
			    (unsigned long long)m->config.size, OCI_CONFIG_LIMIT);
	if (!take_blob(s, layout_fd, &m->config.digest, m->config.size, OCI_CONFIG_LIMIT, err) ||
	    !take_layers(s, layout_fd, m, err) || !put_manifest(s, bytes, m, &made, err) ||
	    !store_image_load(s, &made.digest, &loaded, &config, err))
		return false;
	*out = made;
	return true;
}

bool import_manifest(struct store *s, int layout_fd, const struct digest *d, struct descriptor *out,
		     struct error *err)
{
	struct digest at = *d;

	for (int nesting = 0;; nesting++) {
		auto_text bytes = {0};
		auto_manifest m = {0};
		auto_index index = {0};
		struct error not_an_index;

		if (!take_blob(s, layout_fd, &at, 0, OCI_MANIFEST_LIMIT, err) ||
		    !store_blob_read(s, &at, OCI_MANIFEST_LIMIT, &bytes, err))
			return false;
		if (manifest_parse(text_str(&bytes), bytes.len, &m, err))
			return import_image(s, layout_fd, &bytes, &m, out, err);
		if (nesting == NESTING_LIMIT ||
		    !index_parse(text_str(&bytes), bytes.len, &index, &not_an_index))
			return false;
		const struct index_entry *e = index_find_platform(&index, err);

		if (!e)
			return false;
		at = e->descriptor.digest;
	}
}

bool layout_check(const char *path, struct error *err)
{
	auto_free char *file = path_join(path, "oci-layout");
	auto_text text = {0};
	auto_json struct json *j = NULL;
	const char *version = NULL;

	if (!file_read(file, LAYOUT_LIMIT, &text, err))
		return fail_in(err, "no OCI layout");
	if (!json_parse(text_str(&text), text.len, LAYOUT_LIMIT, &j, err) ||
	    !json_get_text(j, "imageLayoutVersion", &version, err))
		return err->code = ERROR_BUILD, fail_in(err, "'%s'", file);
	return text_starts_with(version, "1.") ||
	       fail(err, ERROR_BUILD, "the layout has version '%s', not 1", version);
}

static bool import_layout(struct store *s, const struct image_location *from,
			  struct descriptor *out, char **name, struct error *err)
{
	auto_free char *index_path = path_join(from->path, "index.json");
	auto_text text = {0};
	auto_index index = {0};
	struct digest d;

	if (!layout_check(from->path, err))
		return false;
	auto_fd int fd = open(from->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(err, "opening the directory");
	return file_read(index_path, OCI_MANIFEST_LIMIT, &text, err) &&
	       index_parse(text_str(&text), text.len, &index, err) &&
	       index_choose(&index, from->tag, &d, name, err) &&
	       import_manifest(s, fd, &d, out, err);
}

static bool import_oci_archive(struct store *s, const struct image_location *from,
			       struct descriptor *out, char **name, struct error *err)
{
	auto_members m = {0};
	auto_index index = {0};
	struct digest d;

	if (!archive_read(s, from->path, "index.json", &m, err))
		return false;
	if (m.index.len == 0)
		return fail(err, ERROR_BUILD, "it has no index.json, so it is no OCI archive");
	return index_parse(text_str(&m.index), m.index.len, &index, err) &&
	       index_choose(&index, from->tag, &d, name, err) &&
	       import_manifest(s, -1, &d, out, err);
}

static bool import_docker_archive(struct store *s, const struct image_location *from,
				  struct descriptor *out, char **name, struct error *err)
{
	auto_members m = {0};

	return archive_read(s, from->path, "manifest.json", &m, err) &&
	       import_docker(s, &m, from->tag, out, name, err);
}

bool image_import(struct store *s, const struct image_location *from, struct descriptor *manifest,
		  char **name, struct error *err)
{
	static bool (*const readers[])(struct store * s, const struct image_location *from,
				       struct descriptor *out, char **name, struct error *err) = {
		[LOCATION_OCI] = import_layout,
		[LOCATION_OCI_ARCHIVE] = import_oci_archive,
		[LOCATION_DOCKER_ARCHIVE] = import_docker_archive,
	};
	auto_free char *found = NULL;

	if (!store_check_writable(s, err) || !readers[from->kind](s, from, manifest, &found, err))
		return fail_in(err, "reading the image '%s'", from->path);
	if (name)
		*name = take(found);
	return true;
}
