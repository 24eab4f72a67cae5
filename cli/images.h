/* SPDX-License-Identifier: MIT
 * What the commands of `images` have in common.
 */
#ifndef CHUTES_CLI_IMAGES_H
#define CHUTES_CLI_IMAGES_H

#include "cli/command.h"
#include "lib/base/text.h"
#include "lib/data/json_out.h"
#include "lib/store/store.h"

extern const struct command images_delete;
extern const struct command images_export;
extern const struct command images_get;
extern const struct command images_load;
extern const struct command images_prune;
extern const struct command images_tag;

/* Members of a JSON object: name (null for none), digest, created, size. */
void images_add_json(struct json_out *j, const struct store_image *i);
/* "2 hours ago", "unknown". */
void images_text_ago(struct text *t, int64_t created);
/* Remove their names from the store, then what nothing needs any more, and print both. */
must_use bool images_remove(struct store *s, const struct store_images *list, bool is_quiet,
			    struct error *err);
/* Print what that would do. */
must_use bool images_tell_removal(struct store *s, const struct store_images *gone,
				  struct error *err);

#endif
