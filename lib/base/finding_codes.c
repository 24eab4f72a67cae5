/* SPDX-License-Identifier: MIT
 * Every finding code there is, with the text of `chutes explain`. Codes are stable: a code is never
 * given a new meaning. E1xx text and structure, E2xx meaning, W3xx advice, I1xx image rules.
 */
#include "lib/base/findings.h"

#include <string.h>

#define E(code, title, explain)                                                                    \
	{                                                                                          \
		code, SEVERITY_ERROR, ERROR_SPEC, title, explain                                   \
	}
#define W(code, title, explain)                                                                    \
	{                                                                                          \
		code, SEVERITY_WARNING, ERROR_SPEC, title, explain                                 \
	}

static const struct finding_row rows[] = {
	E("E101", "not readable as YAML",
	  "The file is not a single UTF-8 YAML document. The place shown is where reading stopped; "
	  "the mistake may stand just before it."),
	E("E110", "unknown key",
	  "A key that the spec does not know at this place. Keys that start with x- are ignored "
	  "everywhere and may carry notes and anchors."),
};

const struct finding_row *finding_row_at(size_t i) { return i < array_len(rows) ? &rows[i] : NULL; }

const struct finding_row *finding_row_find(const char *code)
{
	for (size_t i = 0; i < array_len(rows); i++)
		if (strcmp(rows[i].code, code) == 0)
			return &rows[i];
	return NULL;
}
