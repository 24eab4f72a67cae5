/* SPDX-License-Identifier: MIT */
#include "lib/build/layer_note.h"

#include <inttypes.h>
#include <string.h>

enum { SHOWN_MAX = 300 };

void layer_note_add(struct layer_note *note, const char *what)
{
	if (note->n++ > 0)
		return;
	note->first.max = SHOWN_MAX;
	text_add_printable(&note->first, what, strlen(what), false);
}

void layer_note_report(const struct layer_note *note, const char *kind, struct strings *out)
{
	if (note->n > 0)
		strings_addf(out, "%s: %" PRIu64 " (first: '%s')", kind, note->n,
			     text_str(&note->first));
}

void layer_note_release(struct layer_note *note)
{
	text_release(&note->first);
	*note = (struct layer_note){0};
}
