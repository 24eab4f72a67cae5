/* SPDX-License-Identifier: MIT
 * The table of connections: who is where, and the queue of those that wait for a thread. All of it
 * under the server's lock; nothing here makes a system call.
 */
#include "lib/base/memory.h"
#include "lib/serve/serve_internal.h"

#include <assert.h>

uint32_t slot_index(const struct server *s, const struct connection *c)
{
	return (uint32_t)(c - s->connections);
}

struct connection *slot_take(struct server *s)
{
	struct connection *c;

	if (s->first_free != NO_CONNECTION) {
		c = &s->connections[s->first_free];
		s->first_free = c->next;
	} else if (s->n_slots < s->options.connections_max) {
		c = &s->connections[s->n_slots++];
	} else {
		return NULL;
	}
	*c = (struct connection){.fd = -1, .next = NO_CONNECTION};
	s->n_connections++;
	return c;
}

void slot_free(struct server *s, struct connection *c)
{
	saved_drop(s, c);
	c->state = CONNECTION_FREE;
	c->fd = -1;
	c->next = s->first_free;
	s->first_free = slot_index(s, c);
	s->n_connections--;
}

void saved_drop(struct server *s, struct connection *c)
{
	if (!c->saved)
		return;
	s->saved_bytes -= c->saved->capacity;
	free(c->saved);
	c->saved = NULL;
}

void queue_push(struct server *s, struct connection *c, uint64_t now_ms)
{
	c->state = CONNECTION_QUEUED;
	c->deadline_ms = now_ms;
	c->next = NO_CONNECTION;
	if (s->queue_first == NO_CONNECTION)
		s->queue_first = slot_index(s, c);
	else
		s->connections[s->queue_last].next = slot_index(s, c);
	s->queue_last = slot_index(s, c);
	s->n_queued++;
}

struct connection *queue_pop(struct server *s)
{
	if (s->queue_first == NO_CONNECTION)
		return NULL;
	struct connection *c = &s->connections[s->queue_first];

	assert(c->state == CONNECTION_QUEUED);
	s->queue_first = c->next;
	s->n_queued--;
	return c;
}
