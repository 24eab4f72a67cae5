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

#define OCI_TYPE_INDEX         "application/vnd.oci.image.index.v1+json"
#define OCI_TYPE_MANIFEST      "application/vnd.oci.image.manifest.v1+json"
#define OCI_TYPE_CONFIG        "application/vnd.oci.image.config.v1+json"
#define OCI_TYPE_LAYER         "application/vnd.oci.image.layer.v1.tar"
#define OCI_TYPE_LAYER_GZIP    OCI_TYPE_LAYER "+gzip"
#define OCI_TYPE_LAYER_ZSTD    OCI_TYPE_LAYER "+zstd"
#define OCI_TYPE_LAYER_FOREIGN "application/vnd.oci.image.layer.nondistributable.v1.tar"
#define OCI_REF_NAME           "org.opencontainers.image.ref.name"
#define DOCKER_TYPE_MANIFEST   "application/vnd.docker.distribution.manifest.v2+json"
#define DOCKER_TYPE_LIST       "application/vnd.docker.distribution.manifest.list.v2+json"

/* Documents beyond these are refused before they are read. */
enum { OCI_MANIFEST_LIMIT = 4 << 20, OCI_CONFIG_LIMIT = 8 << 20, OCI_LAYERS_LIMIT = 500 };

/* "sha256:<64 hex>" (sha512 is read too). Empty text: no digest. */
struct digest {
	char text[8 + 128];
};
/* USAGE when it is no digest of these two kinds in lower case. */
must_use bool digest_parse(const char *text, struct digest *out, struct error *err);
struct digest digest_of_sha256(const unsigned char hash[SHA256_BYTES]);
struct digest digest_of(const void *bytes, size_t len);
const char *digest_hex(const struct digest *d); /* behind the colon, borrowed */
bool digest_is_set(const struct digest *d);
bool digest_is_equal(const struct digest *a, const struct digest *b);

/* Chain id of the image specification: chain(top) = sha256(chain(below) " " diff_id). */
struct digest chain_id(const struct digest *below_or_null, const struct digest *diff_id);

struct descriptor {
	const char *media_type; /* arena or literal */
	struct digest digest;
	uint64_t size;
	const char *urls; /* canonical JSON list of a non-distributable layer, or NULL */
};

/* [registry/]path[:tag][@digest], by the grammar of distribution's reference package. The first
 * component is a registry when it holds a dot, a colon or an upper-case letter, or is "localhost".
 */
struct reference {
	char *registry; /* "host[:port]"; NULL: none given, no default is assumed */
	char *path;     /* lower case, at most 255 bytes with the registry */
	char *tag;      /* NULL: none */
	struct digest digest;
};
#define auto_reference __attribute__((cleanup(reference_release))) struct reference
void reference_release(struct reference *r);
/* USAGE with what is wrong where. */
must_use bool reference_parse(const char *text, struct reference *out, struct error *err);

struct history {
	const char *created; /* RFC 3339 or NULL */
	const char *created_by;
	const char *comment;
	const char *author;
	bool is_empty_layer;
};

/* The image config. Texts live in `arena` or are literals; NULL and empty lists are absent. Maps
 * are lists of "key=value", sets lists of keys: both are written sorted, the other lists in their
 * order. What we have no field for is kept and written behind ours. */
struct image_config {
	struct arena arena;
	const char *created; /* RFC 3339 */
	const char *author;
	const char *architecture;
	const char *variant;
	const char *os;
	const char *os_version;
	struct strings os_features;
	const char *user;
	struct strings exposed_ports; /* set: "80/tcp" */
	struct strings env;           /* "NAME=value" in order of definition */
	struct strings entrypoint;
	struct strings cmd;
	struct strings volumes; /* set */
	const char *working_dir;
	struct strings labels; /* map */
	const char *stop_signal;
	struct strings shell;
	const char *healthcheck; /* canonical JSON object {"Test":[…],"Interval":ns,…} */
	struct strings on_build;
	struct digest *diff_ids; /* bottom first */
	size_t n_diff_ids;
	struct history *history;
	size_t n_history;
	const char *unknown;        /* other members, as json_write_others() gives them */
	const char *unknown_config; /* the same of the inner "config" */
};
#define auto_image_config __attribute__((cleanup(image_config_release))) struct image_config
void image_config_release(struct image_config *c);
/* `to` is empty before and shares nothing after. */
void image_config_copy(const struct image_config *from, struct image_config *to);
/* BUILD when it is no image config. */
must_use bool image_config_parse(const void *bytes, size_t len, struct image_config *out,
				 struct error *err);
void image_config_format(const struct image_config *c, struct text *out); /* canonical bytes */
void image_config_add_diff_id(struct image_config *c, const struct digest *diff_id);
/* The texts are copied. */
void image_config_add_history(struct image_config *c, const struct history *h);

struct manifest {
	struct arena arena;
	struct descriptor config;
	struct descriptor *layers; /* bottom first */
	size_t n_layers;
	struct strings annotations; /* "key=value", written sorted */
};
#define auto_manifest __attribute__((cleanup(manifest_release))) struct manifest
void manifest_release(struct manifest *m);
/* OCI manifests and Docker schema 2, whose media types are re-labelled to the OCI names. BUILD when
 * it is something else (an index, schema 1), too big or has more than OCI_LAYERS_LIMIT layers. */
must_use bool manifest_parse(const void *bytes, size_t len, struct manifest *out,
			     struct error *err);
void manifest_format(const struct manifest *m, struct text *out);            /* canonical bytes */
void manifest_add_layer(struct manifest *m, const struct descriptor *layer); /* texts are copied */
/* The OCI name of a layer type (OCI or Docker); NULL when it is no layer of a file system. */
const char *layer_type(const char *media_type);

/* One line of an index. */
struct index_entry {
	struct descriptor descriptor;
	const char *ref_name;       /* annotation OCI_REF_NAME, or NULL */
	struct strings annotations; /* the others, "key=value" */
	const char *architecture;   /* platform, or NULL */
	const char *os;
	const char *variant;
	const char *unknown_platform; /* other members of the platform, as json_write_others() */
	const char *unknown;          /* other members of the line */
};
struct index {
	struct arena arena;
	struct index_entry *entries;
	size_t n_entries;
	size_t capacity;
	struct strings annotations;
};
#define auto_index __attribute__((cleanup(index_release))) struct index
void index_release(struct index *i);
/* OCI indexes (index.json of a layout is one) and Docker manifest lists. BUILD otherwise. */
must_use bool index_parse(const void *bytes, size_t len, struct index *out, struct error *err);
void index_format(const struct index *i, struct text *out); /* canonical; keeps the order */
/* Texts and annotations are copied. */
void index_add(struct index *i, const struct index_entry *entry);
void index_remove(struct index *i, size_t position);
/* GOARCH of this machine: "amd64", "arm64" … */
const char *platform_architecture(void);
/* The entry for linux on this machine, else the only entry without a platform. NULL and BUILD,
 * which names the platforms, when there is none. Borrowed. */
const struct index_entry *index_find_platform(const struct index *i, struct error *err);

#endif
