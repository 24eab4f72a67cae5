/* SPDX-License-Identifier: MIT */
#include "lib/gateway/meters.h"

#include "lib/base/time.h"

#include <inttypes.h>

/* Of the platform's client library. */
static const struct {
	uint64_t us;
	const char *label;
} bounds[METER_BUCKETS] = {{5000, "0.005"},  {10000, "0.01"},   {25000, "0.025"}, {50000, "0.05"},
			   {75000, "0.075"}, {100000, "0.1"},   {250000, "0.25"}, {500000, "0.5"},
			   {750000, "0.75"}, {1000000, "1.0"},  {2500000, "2.5"}, {5000000, "5.0"},
			   {7500000, "7.5"}, {10000000, "10.0"}};

static const char *const statuses[METER_SERIES] = {"200", "499", "500"};

static size_t series_of(int status)
{
	if (status == 499)
		return 1;
	return status >= 400 ? 2 : 0;
}

void meter_begin(struct meter *m) { atomic_store(&m->last_ms, clock_unix_ms()); }

void meter_end(struct meter *m, int status, uint64_t duration_us)
{
	struct meter_series *s = &m->series[series_of(status)];
	uint64_t never = 0;

	if (atomic_load_explicit(&s->created_ms, memory_order_relaxed) == 0)
		atomic_compare_exchange_strong(&s->created_ms, &never, clock_unix_ms());
	for (size_t i = 0; i < METER_BUCKETS; i++)
		if (duration_us <= bounds[i].us) {
			atomic_fetch_add_explicit(&s->buckets[i], 1, memory_order_relaxed);
			break;
		}
	atomic_fetch_add_explicit(&s->sum_us, duration_us, memory_order_relaxed);
	atomic_fetch_add_explicit(&s->n, 1, memory_order_relaxed);
}

/* Label values have three escapes, all of which JSON has, too; names of functions need none. */
static void add_labels(struct text *out, const char *chute_id, const char *function,
		       const char *bound, const char *status)
{
	text_add(out, "{chute_id=");
	text_add_json(out, chute_id);
	text_add(out, ",function=");
	text_add_json(out, function);
	if (bound)
		text_addf(out, ",le=\"%s\"", bound);
	if (status)
		text_addf(out, ",status=\"%s\"", status);
	text_add(out, "} ");
}

static void add_seconds(struct text *out, uint64_t ms)
{
	text_addf(out, "%" PRIu64 ".%03" PRIu64 "\n", ms / 1000, ms % 1000);
}

static void add_durations(struct text *out, const struct meter_series *s, uint64_t n,
			  const char *chute_id, const char *function, const char *status)
{
	uint64_t below = 0;
	uint64_t sum_us = atomic_load(&s->sum_us);

	for (size_t i = 0; i < METER_BUCKETS; i++) {
		below += atomic_load(&s->buckets[i]);
		text_add(out, "invocation_duration_bucket");
		add_labels(out, chute_id, function, bounds[i].label, status);
		/* a call that ends meanwhile may be in a bucket, but not yet in `n` */
		text_addf(out, "%" PRIu64 ".0\n", below < n ? below : n);
	}
	text_add(out, "invocation_duration_bucket");
	add_labels(out, chute_id, function, "+Inf", status);
	text_addf(out, "%" PRIu64 ".0\ninvocation_duration_count", n);
	add_labels(out, chute_id, function, NULL, status);
	text_addf(out, "%" PRIu64 ".0\ninvocation_duration_sum", n);
	add_labels(out, chute_id, function, NULL, status);
	text_addf(out, "%" PRIu64 ".%06" PRIu64 "\n", sum_us / 1000000, sum_us % 1000000);
}

static void add_series(struct meters_out *out, const struct meter_series *s, const char *chute_id,
		       const char *function, const char *status)
{
	uint64_t n = atomic_load(&s->n);
	uint64_t created_ms = atomic_load(&s->created_ms);

	if (n == 0)
		return;
	text_add(&out->totals, "invocation_total");
	add_labels(&out->totals, chute_id, function, NULL, status);
	text_addf(&out->totals, "%" PRIu64 ".0\n", n);
	text_add(&out->created, "invocation_created");
	add_labels(&out->created, chute_id, function, NULL, status);
	add_seconds(&out->created, created_ms);
	add_durations(&out->durations, s, n, chute_id, function, status);
	text_add(&out->duration_created, "invocation_duration_created");
	add_labels(&out->duration_created, chute_id, function, NULL, status);
	add_seconds(&out->duration_created, created_ms);
}

void meters_add(struct meters_out *out, const struct meter *m, const char *chute_id,
		const char *function)
{
	uint64_t last_ms = atomic_load(&m->last_ms);

	for (size_t i = 0; i < METER_SERIES; i++)
		add_series(out, &m->series[i], chute_id, function, statuses[i]);
	if (last_ms == 0)
		return;
	text_add(&out->lasts, "invocation_last_timestamp");
	add_labels(&out->lasts, chute_id, function, NULL, NULL);
	add_seconds(&out->lasts, last_ms);
}

void meters_finish(struct meters_out *out, struct text *document)
{
	const struct {
		const char *name;
		const char *type;
		const char *help;
		struct text *lines;
	} parts[] = {
		{"invocation_total", "counter", "Total invocations", &out->totals},
		{"invocation_created", "gauge", "Total invocations", &out->created},
		{"invocation_duration", "histogram", "Invocation duration in seconds",
		 &out->durations},
		{"invocation_duration_created", "gauge", "Invocation duration in seconds",
		 &out->duration_created},
		{"invocation_last_timestamp", "gauge", "Timestamp of the most recent invocation",
		 &out->lasts},
	};

	for (size_t i = 0; i < array_len(parts); i++) {
		text_addf(document, "# HELP %s %s\n# TYPE %s %s\n", parts[i].name, parts[i].help,
			  parts[i].name, parts[i].type);
		text_add_bytes(document, text_str(parts[i].lines), parts[i].lines->len);
		text_release(parts[i].lines);
	}
}
