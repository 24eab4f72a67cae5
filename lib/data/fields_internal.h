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
/* Is the text allowed by the row? Else a finding at `place`. */
must_use bool field_check_text(struct field_reader *r, const struct field *row, const char *text,
			       struct place place);
/* Is the value, length or count inside of the row's limits? `unit` says what is counted,
 * "character"; NULL for the value itself. */
must_use bool field_check_range(struct field_reader *r, const struct field *row, double value,
				const char *unit, struct place place);
/* "must be WANTED, not …". Returns false. */
bool field_wrong_type(struct field_reader *r, const struct field *row, const struct yaml_node *node,
		      const char *wanted);

#endif
