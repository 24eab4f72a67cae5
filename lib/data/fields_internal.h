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
/* Does the text hold "${env:"? */
must_use bool field_has_reference(const char *text);
/* The finding about a reference where there can be none. Returns false. */
bool field_refuse_reference(struct field_reader *r, const struct field *row, struct place place);
/* The scalar with its references replaced. false: there is a finding, or a variable is not set and
 * the reader ignores that. */
must_use bool field_expand(struct field_reader *r, const struct yaml_node *node,
			   struct yaml_node *out);

#endif
