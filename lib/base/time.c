/* SPDX-License-Identifier: MIT */
#include "lib/base/time.h"

#include "lib/base/env.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t read_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t clock_us(void) { return read_us(CLOCK_MONOTONIC); }

uint64_t clock_ms(void) { return clock_us() / 1000; }

int64_t clock_unix(void) { return (int64_t)time(NULL); }

uint64_t clock_unix_ms(void) { return read_us(CLOCK_REALTIME) / 1000; }

int64_t clock_unix_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void sleep_ms(uint64_t ms)
{
	struct timespec t = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

int ms_until_first(const uint64_t *times, size_t n)
{
	uint64_t now = clock_ms();
	uint64_t wait = INT_MAX;

	for (size_t i = 0; i < n; i++)
		if (times[i] && (times[i] <= now || times[i] - now < wait))
			wait = times[i] <= now ? 0 : times[i] - now;
	return wait == INT_MAX ? -1 : (int)wait;
}

void text_add_time(struct text *t, int64_t unix_seconds)
{
	time_t seconds = (time_t)unix_seconds;
	struct tm parts;
	char buffer[32];

	gmtime_r(&seconds, &parts);
	strftime(buffer, sizeof(buffer), "%Y-%m-%dT%H:%M:%SZ", &parts);
	text_add(t, buffer);
}

void text_add_age(struct text *t, uint64_t seconds)
{
	static const struct {
		const char *name;
		uint64_t seconds;
	} units[] = {{"years", UINT64_C(365) * 86400},
		     {"months", UINT64_C(30) * 86400},
		     {"weeks", UINT64_C(7) * 86400},
		     {"days", 86400},
		     {"hours", 3600},
		     {"minutes", 60}};

	for (size_t i = 0; i < array_len(units); i++) {
		if (seconds < 2 * units[i].seconds)
			continue;
		text_addf(t, "%llu %s", (unsigned long long)(seconds / units[i].seconds),
			  units[i].name);
		return;
	}
	text_addf(t, "%llu second%s", (unsigned long long)seconds, seconds == 1 ? "" : "s");
}

bool time_parse(const char *text, int64_t *unix_seconds, struct error *err)
{
	struct tm parts = {0};
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);

	if (end && *end == '.') /* fractions are dropped */
		end += 1 + strspn(end + 1, "0123456789");
	struct tm zone = {0};

	end = end && !isspace((unsigned char)*end) ? strptime(end, "%z", &zone) : NULL;
	if (!end || *end)
		return fail(err, ERROR_FAILURE, "'%s' is no time such as 2026-01-31T12:00:00Z",
			    text);
	*unix_seconds = (int64_t)timegm(&parts) - zone.tm_gmtoff;
	return true;
}

struct unit {
	const char *suffix;
	double factor;
};

/* A non-negative decimal number and one of the units. */
static bool parse_with_unit(const char *text, const struct unit *units, size_t n, uint64_t *out)
{
	char *end = NULL;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	double value = strtod(text, &end);

	if (errno || strspn(text, "0123456789.") != (size_t)(end - text))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (strcasecmp(end, units[i].suffix) == 0) {
			value *= units[i].factor;
			if (value > 9e15) /* whole numbers are exact below 2^53 */
				return false;
			*out = (uint64_t)value;
			*out += value - (double)*out >= 0.5;
			return true;
		}
	}
	return false;
}

bool http_date_parse(const char *text, int64_t *unix_seconds, struct error *err)
{
	struct tm parts = {0};
	const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &parts);

	if (!end || *end)
		return fail(err, ERROR_FAILURE,
			    "'%.64s' is no time such as Sun, 06 Nov 1994 08:49:37 GMT", text);
	*unix_seconds = (int64_t)timegm(&parts);
	return true;
}

bool duration_parse(const char *text, uint64_t *ms, struct error *err)
{
	static const struct unit units[] = {{"", 1000},   {"s", 1000},    {"ms", 1},
					    {"m", 60000}, {"h", 3600000}, {"d", 86400000}};

	if (!parse_with_unit(text, units, array_len(units), ms)) {
		fail(err, ERROR_USAGE, "'%s' is no duration", text);
		return fail_hint(err, "write 30s, 10m, 12h, 500ms or a number of seconds");
	}
	return true;
}

bool size_parse(const char *text, uint64_t *bytes, struct error *err)
{
	static const struct unit units[] = {{"", 1},
					    {"b", 1},
					    {"k", 1024},
					    {"m", 1048576},
					    {"g", 1073741824},
					    {"kib", 1024},
					    {"mib", 1048576},
					    {"gib", 1073741824},
					    {"tib", 1099511627776.0},
					    {"t", 1099511627776.0},
					    {"kb", 1e3},
					    {"mb", 1e6},
					    {"gb", 1e9},
					    {"tb", 1e12}};

	if (!parse_with_unit(text, units, array_len(units), bytes)) {
		fail(err, ERROR_USAGE, "'%s' is no size", text);
		return fail_hint(err, "write 512MiB, 2g or a number of bytes");
	}
	return true;
}

int source_date_epoch(int64_t *unix_seconds, struct error *err)
{
	const char *value = env_get(ENV_SOURCE_DATE_EPOCH);
	char *end = NULL;

	if (!value)
		return 0;
	errno = 0;
	long long parsed = strtoll(value, &end, 10);

	/* up to the year 9999, as RFC 3339 can write */
	if (errno || *end || !isdigit((unsigned char)*value) || parsed > 253402300799LL) {
		fail(err, ERROR_USAGE, "SOURCE_DATE_EPOCH is '%s'", value);
		fail_hint(err, "set it to seconds since 1970, such as $(git log -1 --format=%%ct)");
		return -1;
	}
	*unix_seconds = parsed;
	return 1;
}
