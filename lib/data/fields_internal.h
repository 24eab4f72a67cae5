/* SPDX-License-Identifier: MIT
 * What the files of the field reader share.
 */
#ifndef CHUTES_DATA_FIELDS_INTERNAL_H
#define CHUTES_DATA_FIELDS_INTERNAL_H

#include "lib/data/fields.h"

/* FIELD_TEXT up to FIELD_CHOICE. */
must_use bool field_read_scalar(struct field_reader *r, const struct field *row,
				const struct yaml_node *node, void *slot);
/* Does the text match the row's pattern, if it has one? */
must_use bool field_row_matches(struct field_reader *r, const struct field *row, const char *text);

#endif
