/* SPDX-License-Identifier: MIT
 * The words of the OCI image specification 1.0/1.1 as pure data: references, digests, descriptors,
 * manifests, configs, indexes. Knows neither files nor network.
 */
#ifndef CHUTES_OCI_OCI_H
#define CHUTES_OCI_OCI_H

#include "lib/base/arena.h"
#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"
#include "lib/crypto/sha256.h"

#define OCI_TYPE_INDEX "application/vnd.oci.image.index.v1+json"
#define OCI_TYPE_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define OCI_TYPE_CONFIG "application/vnd.oci.image.config.v1+json"
#define OCI_TYPE_LAYER "application/vnd.oci.image.layer.v1.tar"
#define OCI_TYPE_LAYER_GZIP OCI_TYPE_LAYER "+gzip"
#define OCI_TYPE_LAYER_ZSTD OCI_TYPE_LAYER "+zstd"
#define OCI_REF_NAME "org.opencontainers.image.ref.name"

/* "sha256:<64 hex>" (sha512 is read too). Empty text: no digest. Compare with strcmp. */
struct digest {
	char text[8 + 128];
};
must_use bool digest_parse(const char *text, struct digest *out, struct error *err);
struct digest digest_of_sha256(const unsigned char hash[SHA256_BYTES]);
struct digest digest_of(const void *bytes, size_t len);
const char *digest_hex(const struct digest *d);	  /* behind the colon, borrowed */
bool digest_is_set(const struct digest *d);

/* Chain id of the image specification: chain(top) = sha256(chain(below) " " diff_id). */
struct digest chain_id(const struct digest *below_or_null, const struct digest *diff_id);

struct descriptor {
	const char *media_type; /* arena or literal */
	struct digest digest;
	uint64_t size;
};

/* [registry/]path[:tag][@digest], as distribution's reference grammar. */
struct reference {
	char *registry; /* NULL: none given */
	char *path;
	char *tag;    /* NULL: none */
	struct digest digest;
};
void reference_release(struct reference *r);
must_use bool reference_parse(const char *text, struct reference *out, struct error *err);

struct history {
	const char *created; /* RFC 3339 or NULL */
	const char *created_by;
	const char *comment;
	const char *author;
	bool is_empty_layer;
};

/* The image config. Strings live in `arena`; maps are "key=value" lists sorted by key when written;
 * Env keeps its order. `unknown` keeps foreign fields, canonical JSON text of an object, or NULL. */
struct image_config {
	struct arena arena;
	const char *created;
	const char *author;
	const char *architecture;
	const char *variant;
	const char *os;
	struct strings env;	     /* "NAME=value" */
	struct strings entrypoint;
	struct strings cmd;
	struct strings labels;	     /* "key=value" */
	struct strings exposed_ports;
	struct strings volumes;
	const char *user;
	const char *working_dir;
	const char *stop_signal;
	struct strings shell;
	struct digest *diff_ids;
	size_t n_diff_ids;
	struct history *history;
	size_t n_history;
	const char *unknown;
	const char *unknown_config;
};
void image_config_release(struct image_config *c);
void image_config_copy(const struct image_config *from, struct image_config *to);
must_use bool image_config_parse(const void *bytes, size_t len, struct image_config *out,
				 struct error *err);
void image_config_format(const struct image_config *c, struct text *out); /* canonical bytes */
void image_config_add_diff_id(struct image_config *c, const struct digest *diff_id);
void image_config_add_history(struct image_config *c, const struct history *h);

struct manifest {
	struct arena arena;
	struct descriptor config;
	struct descriptor *layers;
	size_t n_layers;
	struct strings annotations; /* "key=value" */
};
void manifest_release(struct manifest *m);
/* OCI manifests and Docker schema 2 (layer types re-labelled to the OCI names). */
must_use bool manifest_parse(const void *bytes, size_t len, struct manifest *out,
			     struct error *err);
void manifest_format(const struct manifest *m, struct text *out); /* canonical bytes */
void manifest_add_layer(struct manifest *m, const struct descriptor *layer);

/* One line of an index. */
struct index_entry {
	struct descriptor descriptor;
	const char *ref_name;	  /* annotation, or NULL */
	const char *architecture; /* platform, or NULL */
	const char *os;
	const char *variant;
};
struct index {
	struct arena arena;
	struct index_entry *entries;
	size_t n_entries;
	size_t capacity;
};
void index_release(struct index *i);
must_use bool index_parse(const void *bytes, size_t len, struct index *out, struct error *err);
void index_format(const struct index *i, struct text *out);
void index_add(struct index *i, const struct index_entry *entry);

enum { OCI_MANIFEST_LIMIT = 4 << 20, OCI_CONFIG_LIMIT = 8 << 20, OCI_LAYERS_LIMIT = 500 };

#endif
