/* SPDX-License-Identifier: MIT
 * The matcher: all ways through the program at once, character by character.
 */
#include "lib/data/pattern.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/data/pattern_internal.h"

#include <string.h>

enum { NO_CHARACTER = 0x110000, BAD_BYTE = 0x200000 };

/* Where the matcher may be: each step at most once. */
struct places {
	size_t *at;
	size_t n;
};

struct match {
	const struct pattern *p;
	struct places now, next;
	size_t *seen; /* the last position at which a step was reached, counted from 1 */
	size_t *stack;
	size_t position;
	uint32_t before, after; /* the characters around the position */
	bool is_found;
};

static bool is_word(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static bool is_allowed(const struct match *m, enum pattern_op op)
{
	bool is_edge = is_word(m->before) != is_word(m->after);

	switch (op) {
	case PATTERN_START:
		return m->before == NO_CHARACTER;
	case PATTERN_END:
		return m->after == NO_CHARACTER;
	case PATTERN_EDGE:
		return is_edge;
	case PATTERN_NO_EDGE:
		return !is_edge;
	case PATTERN_SET:
	case PATTERN_SPLIT:
	case PATTERN_JUMP:
	case PATTERN_FOUND:
		break;
	}
	return false;
}

static void push(struct match *m, size_t *n, size_t at)
{
	if (m->seen[at] == m->position)
		return;
	m->seen[at] = m->position;
	m->stack[(*n)++] = at;
}

/* Everything that can be reached from a step without taking a character. */
static void add(struct match *m, struct places *to, size_t from)
{
	size_t n = 0;

	push(m, &n, from);
	while (n > 0) {
		size_t at = m->stack[--n];
		const struct pattern_step *s = &m->p->steps[at];

		if (s->op == PATTERN_SET) {
			to->at[to->n++] = at;
		} else if (s->op == PATTERN_FOUND) {
			m->is_found = true;
		} else if (s->op == PATTERN_SPLIT || s->op == PATTERN_JUMP) {
			push(m, &n, (size_t)((ptrdiff_t)at + s->a));
			if (s->op == PATTERN_SPLIT)
				push(m, &n, (size_t)((ptrdiff_t)at + s->b));
		} else if (is_allowed(m, s->op)) {
			push(m, &n, at + 1);
		}
	}
}

static bool is_in_set(const struct pattern *p, const struct pattern_step *s, uint32_t c)
{
	for (size_t i = s->first; i < s->first + s->n; i++)
		if (c >= p->ranges[i].low && c <= p->ranges[i].high)
			return !s->is_negated;
	return s->is_negated;
}

static uint32_t next_character(const char *value, size_t len, size_t *i)
{
	const unsigned char *at = (const unsigned char *)value + *i;

	if (*i >= len)
		return NO_CHARACTER;
	size_t n = utf8_length(value + *i, len - *i);

	*i += n ? n : 1;
	if (n == 0)
		return BAD_BYTE + at[0];
	if (n == 1)
		return at[0];
	uint32_t c = at[0] & (0xffU >> (n + 1));

	for (size_t k = 1; k < n; k++)
		c = (c << 6) | (at[k] & 0x3fU);
	return c;
}

/* Take one character everywhere; what is at a place afterwards becomes `now`. */
static void step(struct match *m)
{
	uint32_t c = m->after;

	for (size_t i = 0; i < m->now.n; i++)
		if (is_in_set(m->p, &m->p->steps[m->now.at[i]], c))
			m->next.at[m->next.n++] = m->now.at[i] + 1;
}

bool pattern_fits(const struct pattern *p, const char *value, size_t len)
{
	auto_free size_t *memory = xcalloc(4 * p->n_steps, sizeof(*memory));
	struct match m = {.p = p,
			  .now = {.at = memory},
			  .next = {.at = memory + p->n_steps},
			  .seen = memory + 2 * p->n_steps,
			  .stack = memory + 3 * p->n_steps,
			  .before = NO_CHARACTER};
	size_t i = 0;

	m.after = next_character(value, len, &i);
	for (;;) {
		m.position++;
		m.now.n = 0;
		for (size_t k = 0; k < m.next.n; k++)
			add(&m, &m.now, m.next.at[k]);
		add(&m, &m.now, 0);
		if (m.is_found || m.after == NO_CHARACTER)
			return m.is_found;
		m.next.n = 0;
		step(&m);
		m.before = m.after;
		m.after = next_character(value, len, &i);
	}
}

size_t pattern_steps(const struct pattern *p) { return p->n_steps; }

void pattern_free(struct pattern *p)
{
	if (!p)
		return;
	free(p->steps);
	free(p->ranges);
	free(p);
}
