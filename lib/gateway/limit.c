/* SPDX-License-Identifier: MIT */
#include "lib/gateway/limit.h"

#include "lib/base/time.h"

#include <stdio.h>
#include <string.h>

void limit_set(struct limit *l, int64_t max)
{
	if (max < 1)
		max = 1;
	atomic_store(&l->max, max > LIMIT_SLOTS_MAX ? LIMIT_SLOTS_MAX : (unsigned)max);
}

bool limit_enter(struct limit *l, unsigned *slot)
{
	unsigned n_used = atomic_load(&l->n_used);

	do
		if (n_used >= atomic_load(&l->max))
			return false;
	while (!atomic_compare_exchange_weak(&l->n_used, &n_used, n_used + 1));
	/* There are as many slots as counts at most, so that one is free or just becoming so. */
	uint64_t now = clock_ms() + 1; /* never 0 */

	for (unsigned i = 0;; i = (i + 1) % LIMIT_SLOTS_MAX) {
		uint64_t free_slot = 0;

		if (atomic_compare_exchange_strong(&l->since_ms[i], &free_slot, now)) {
			*slot = i;
			return true;
		}
	}
}

void limit_leave(struct limit *l, unsigned slot)
{
	atomic_store(&l->since_ms[slot], 0);
	atomic_fetch_sub(&l->n_used, 1);
}

struct limit_view limit_look(struct limit *l)
{
	struct limit_view view = {.max = atomic_load(&l->max), .n_used = atomic_load(&l->n_used)};

	view.n_available = view.n_used < view.max ? view.max - view.n_used : 0;
	return view;
}

/* Without printf() where whole numbers do, since this is in the head of every answer. */
void limit_format_utilization(const struct limit_view *view, char out[LIMIT_UTILIZATION_MAX])
{
	unsigned scaled = view->n_used * 10000 / view->max;
	unsigned twice_rest = view->n_used * 10000 % view->max * 2;

	/* a tie goes to where the quotient lies as a double */
	if (twice_rest == view->max || view->n_used > view->max) {
		snprintf(out, LIMIT_UTILIZATION_MAX, "%.4f", (double)view->n_used / view->max);
		return;
	}
	scaled += twice_rest > view->max;
	memcpy(out, "0.0000", sizeof("0.0000"));
	out[0] = "01"[scaled / 10000];
	for (int i = 5; i >= 2; i--, scaled /= 10)
		out[i] = "0123456789"[scaled % 10];
}

int64_t limit_oldest_ms(struct limit *l)
{
	uint64_t now = clock_ms() + 1;
	int64_t oldest_ms = -1;

	for (unsigned i = 0; i < LIMIT_SLOTS_MAX; i++) {
		uint64_t since = atomic_load(&l->since_ms[i]);
		int64_t age = since < now ? (int64_t)(now - since) : 0;

		if (since && age > oldest_ms)
			oldest_ms = age;
	}
	return oldest_ms;
}

/* As Python shows round(x, 4): "0.0", "0.125", "0.3333". */
static void add_rounded(struct text *out, const struct limit_view *view)
{
	char digits[LIMIT_UTILIZATION_MAX];

	limit_format_utilization(view, digits);
	size_t len = strlen(digits);

	while (len > 3 && digits[len - 1] == '0' && digits[len - 2] != '.')
		digits[--len] = '\0';
	text_add(out, digits);
}

void limit_add_json(struct limit *l, struct text *out)
{
	struct limit_view view = limit_look(l);
	int64_t oldest_ms = limit_oldest_ms(l);

	text_addf(out, "{\"concurrency\":%u,\"in_flight\":%u,\"available\":%u,\"utilization\":",
		  view.max, view.n_used, view.n_available);
	add_rounded(out, &view);
	text_add(out, ",\"oldest_in_flight_age_secs\":");
	if (oldest_ms < 0)
		text_add(out, "null}");
	else
		text_addf(out, "%.3f}", (double)oldest_ms / 1000);
}
