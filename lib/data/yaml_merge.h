/* SPDX-License-Identifier: MIT
 * One document laid over another: mappings merge, everything else replaces, null deletes.
 */
#ifndef CHUTES_DATA_YAML_MERGE_H
#define CHUTES_DATA_YAML_MERGE_H

#include "lib/base/arena.h"
#include "lib/data/yaml.h"

/* A new tree in the arena; parts that do not change are shared. Keys of `base` come first, in their
 * order; each value keeps the place where it was written. */
const struct yaml_node *yaml_merge(const struct yaml_node *base, const struct yaml_node *over,
				   struct arena *arena);

#endif
