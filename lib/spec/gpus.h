/* SPDX-License-Identifier: MIT
 * Which GPUs a node selector allows, and why not the others. Pure: a table and a selector in, a
 * verdict per GPU out. The table built in is lib/spec/gpus.json; a server may replace it.
 */
#ifndef CHUTES_SPEC_GPUS_H
#define CHUTES_SPEC_GPUS_H

#include "lib/base/arena.h"
#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/crypto/sha256.h"
#include "lib/spec/spec.h"

enum gpu_class {
	GPU_ORDINARY,
	GPU_RESERVED, /* the platform does not give a chute these alone */
	GPU_CONSUMER, /* nor these */
};
struct gpu {
	const char *id;
	int64_t vram_gb;
	int64_t micro_usd_per_hour;
	enum gpu_class class;
};
struct gpu_table {
	struct arena arena;
	const char *origin;           /* where the figures come from */
	const char *date;             /* of the figures, "2025-10-04" */
	char sha256[SHA256_HEX_SIZE]; /* of the JSON text */
	struct gpu *items;            /* by id */
	size_t n;
};

/* The table built in; never fails, made when first asked for. */
const struct gpu_table *gpu_table_builtin(void);
/* The same from JSON of the form of lib/spec/gpus.json. SPEC. */
must_use bool gpu_table_parse(const char *json, size_t len, struct gpu_table *out,
			      struct error *err);
void gpu_table_release(struct gpu_table *t);
const struct gpu *gpu_find(const struct gpu_table *t, const char *id);

enum gpu_verdict {
	GPU_ALLOWED,
	GPU_NOT_INCLUDED,
	GPU_EXCLUDED,
	GPU_TOO_SMALL,
	GPU_TOO_DEAR,
};
struct gpu_choice {
	const struct gpu *gpu;
	enum gpu_verdict verdict;
};
struct gpu_choices {
	struct gpu_choice *items; /* one per GPU of the table, in its order */
	size_t n;
	size_t n_allowed;
	const struct gpu *cheapest; /* of the allowed; NULL: none */
};
/* Memory is the arena's. A selector with gpu_count 0 has no choices at all. */
struct gpu_choices gpu_resolve(const struct gpu_table *t, const struct spec_node_selector *s,
			       struct arena *arena);
/* "needs 48 GB, has 24": why not, for people. In the arena. */
const char *gpu_reason(const struct gpu_choice *choice, const struct spec_node_selector *s,
		       struct arena *arena);

/* Millionths of a dollar as they are written: "1.79"; more than two digits where there are any. */
const char *gpu_price(int64_t micro_usd, struct arena *arena);

#endif
