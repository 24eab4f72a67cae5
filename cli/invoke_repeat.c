/* SPDX-License-Identifier: MIT
 * The same call many times, by several clients at once, and the times it takes.
 */
#include "cli/invoke.h"
#include "cli/parallel.h"
#include "cli/print.h"
#include "lib/base/interrupt.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

struct work {
	const struct invocation *v;
	size_t n; /* calls to make */
	pthread_mutex_t lock;
	size_t n_begun, n_done, n_failed;
	double *seconds;         /* of each that succeeded */
	double *first;           /* likewise, until its first byte */
	struct error first_fail; /* of the first call that failed */
	bool is_broken;          /* no call can be made: `first_fail` says why */
};

static bool take_one(struct work *w)
{
	pthread_mutex_lock(&w->lock);
	bool is_left = w->n_begun < w->n && !w->is_broken && !interrupt_signal();

	w->n_begun += is_left;
	pthread_mutex_unlock(&w->lock);
	return is_left;
}

static void note_failure(struct work *w, const struct error *err)
{
	pthread_mutex_lock(&w->lock);
	if (w->n_failed++ == 0)
		w->first_fail = *err;
	w->is_broken |= err->code == ERROR_USAGE || err->code == ERROR_MISSING ||
			err->code == ERROR_INTERRUPTED;
	pthread_mutex_unlock(&w->lock);
}

static void note_success(struct work *w, const struct http_answer *answer)
{
	pthread_mutex_lock(&w->lock);
	w->seconds[w->n_done] = answer->seconds;
	w->first[w->n_done] = answer->first_byte_seconds;
	w->n_done++;
	pthread_mutex_unlock(&w->lock);
}

static void call_once(struct work *w, struct http_client *client)
{
	struct http_request request = w->v->http;
	auto_http_answer answer = {0};
	struct error err;

	bool is_answered = http_send(client, &request, &answer, &err);

	if (is_answered && answer.status / 100 == 2)
		note_success(w, &answer);
	else if (!is_answered || !invoke_fail(w->v, &answer, &answer.body, &err))
		note_failure(w, &err);
}

static void *call_many(void *context)
{
	struct work *w = context;
	auto_http_client struct http_client *client = NULL;
	struct error err;

	if (!http_client_new(&client, &err)) {
		note_failure(w, &err);
		return NULL;
	}
	while (take_one(w))
		call_once(w, client);
	return NULL;
}

/* --- figures */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The nearest rank: of 20 times the 19th is the 95th percentile. */
static double rank(const double *sorted, size_t n, size_t percent)
{
	size_t i = (n * percent + 99) / 100;

	return n ? sorted[i > 0 ? i - 1 : 0] * 1000 : 0;
}

static void add_number(struct json_out *j, const char *key, double value)
{
	auto_free char *text = xprintf("%.3f", value);

	json_out_raw(j, key, text);
}

static void tell(struct work *w, size_t n_clients, double seconds)
{
	struct json_out *j = print_result();
	double rate = seconds > 0 ? (double)w->n_done / seconds : 0;

	qsort(w->seconds, w->n_done, sizeof(*w->seconds), compare);
	qsort(w->first, w->n_done, sizeof(*w->first), compare);
	double least = rank(w->seconds, w->n_done, 0);
	double median = rank(w->seconds, w->n_done, 50);
	double p95 = rank(w->seconds, w->n_done, 95);
	double most = rank(w->seconds, w->n_done, 100);

	if (!j) {
		print_line("calls      %zu (%zu failed), %zu at a time", w->n_done + w->n_failed,
			   w->n_failed, n_clients);
		print_line("time       %.2f s, %.1f calls/s", seconds, rate);
		print_line("latency    min %.1f ms, median %.1f ms, p95 %.1f ms, max %.1f ms",
			   least, median, p95, most);
		print_line("first byte median %.1f ms", rank(w->first, w->n_done, 50));
		return;
	}
	json_out_number(j, "calls", (int64_t)(w->n_done + w->n_failed));
	json_out_number(j, "failed", (int64_t)w->n_failed);
	json_out_number(j, "concurrency", (int64_t)n_clients);
	add_number(j, "seconds", seconds);
	add_number(j, "calls_per_second", rate);
	add_number(j, "min_ms", least);
	add_number(j, "median_ms", median);
	add_number(j, "p95_ms", p95);
	add_number(j, "max_ms", most);
	add_number(j, "first_byte_median_ms", rank(w->first, w->n_done, 50));
}

bool invoke_often(const struct invocation *v, struct error *err)
{
	const struct invoke_command *o = v->o;
	size_t n_clients = o->concurrency ? (size_t)o->concurrency : 1;
	struct work w = {.v = v, .n = o->repeat ? (size_t)o->repeat : n_clients};
	auto_free double *seconds = xcalloc(w.n, sizeof(*seconds));
	auto_free double *first = xcalloc(w.n, sizeof(*first));
	uint64_t start = clock_ms();

	w.seconds = seconds;
	w.first = first;
	pthread_mutex_init(&w.lock, NULL);
	run_parallel(n_clients, call_many, &w);
	pthread_mutex_destroy(&w.lock);
	if (!interrupt_check(err))
		return false;
	if (w.is_broken) {
		*err = w.first_fail;
		return false;
	}
	tell(&w, n_clients, (double)(clock_ms() - start) / 1000);
	if (w.n_failed == 0)
		return true;
	return fail(err, w.n_done ? ERROR_CALL : w.first_fail.code, "%zu of %zu calls failed: %s",
		    w.n_failed, w.n_done + w.n_failed, w.first_fail.message);
}
