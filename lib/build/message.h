/* SPDX-License-Identifier: MIT
 * Private to lib/build: how the inside tells the outside what happens.
 */
#ifndef CHUTES_BUILD_MESSAGE_H
#define CHUTES_BUILD_MESSAGE_H

#include "lib/build/builder.h"

/* An event about step `i` of the plan, or about the base (MESSAGE_BASE). `text` may be NULL. */
struct message {
	enum build_event_kind kind;
	int step;
	bool is_cached;
	uint64_t ms;
};
must_use bool message_send(struct sandbox *inside, const struct message *m, const char *text,
			   struct error *err);
/* Outside: hand an event to the listener. */
void message_deliver(const struct builder *b, const struct message *m, const char *text);

/* Outside: the sandbox was ended in the middle of a step: tell its last lines, as of one that
 * failed, and put its name into `err`. */
void message_unfinished(struct builder *b, struct error *err);

#endif
