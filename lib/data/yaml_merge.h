/* SPDX-License-Identifier: MIT
 * One document laid over another: mappings merge, everything else replaces, null deletes.
 */
#ifndef CHUTES_DATA_YAML_MERGE_H
#define CHUTES_DATA_YAML_MERGE_H

#include "lib/base/arena.h"
#include "lib/data/yaml.h"

/* A new tree in the arena; parts that do not change are shared. Keys of `base` come first, in their
 * order; each value keeps the place where it was written. */
must_use const struct yaml_node *yaml_merge(const struct yaml_node *base,
					    const struct yaml_node *over, struct arena *arena);

/* Who wants to know of a null that deletes nothing: most likely its key has a typo. Keys that start
 * with x- and all below them are nobody's business. */
struct yaml_merge_watch {
	void (*on_idle_null)(void *context, const struct yaml_pair *pair);
	void *context;
};
must_use const struct yaml_node *yaml_merge_watched(const struct yaml_node *base,
						    const struct yaml_node *over,
						    struct arena *arena,
						    const struct yaml_merge_watch *watch);

#endif
