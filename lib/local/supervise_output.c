/* SPDX-License-Identifier: MIT
 * What the chute writes, as lines.
 */
#include "lib/local/supervise.h"

#include "lib/base/text.h"

#include <unistd.h>

enum { LINE_BYTES = 8000 };

static void tell_line(struct supervisor *s)
{
	supervisor_tell(s, LOCAL_EVENT_OUTPUT, text_str(&s->line), "");
	text_clear(&s->line);
}

/* A progress bar ends each of its states with '\r' alone: a line, too. */
static void take_byte(struct supervisor *s, char c)
{
	bool is_newline = c == '\n';
	bool is_return = c == '\r';

	if (!is_newline && !is_return)
		text_add_bytes(&s->line, c ? &c : "?", 1);
	if (s->line.len >= LINE_BYTES || (is_return && s->line.len > 0) ||
	    (is_newline && !(s->was_return && s->line.len == 0)))
		tell_line(s);
	s->was_return = is_return;
}

/* One piece, so that a chute that never stops writing does not keep us from all else. */
bool supervisor_take_output(struct supervisor *s)
{
	char bytes[16384];
	ssize_t n = read(s->output[0], bytes, sizeof(bytes));

	for (ssize_t i = 0; i < n; i++)
		take_byte(s, bytes[i]);
	return n > 0;
}

void supervisor_end_output(struct supervisor *s)
{
	while (supervisor_take_output(s))
		;
	if (s->line.len)
		tell_line(s);
}
