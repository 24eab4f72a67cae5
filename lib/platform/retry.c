/* SPDX-License-Identifier: MIT
 * When to ask again, and after how long.
 */
#include "lib/platform/platform.h"

#include "lib/base/time.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { FIRST_MS = 500, MOST_DOUBLINGS = 6 };

bool platform_is_passing(int status)
{
	return status == 408 || status == 429 || status == 502 || status == 503 || status == 504;
}

/* Seconds, or a date. Nothing else counts. */
static bool read_wish(const char *wish, uint64_t *ms)
{
	size_t digits = strspn(wish, "0123456789");
	struct error ignored; /* then it says nothing */
	int64_t date = 0;

	if (digits > 0 && digits < 10 && !wish[digits]) {
		*ms = strtoul(wish, NULL, 10) * 1000;
		return true;
	}
	if (!http_date_parse(wish, &date, &ignored))
		return false;
	int64_t seconds = date - clock_unix();

	*ms = seconds > 0 ? (uint64_t)seconds * 1000 : 0;
	return true;
}

uint64_t platform_retry_ms(unsigned n, const char *retry_after)
{
	uint64_t most_ms = (uint64_t)FIRST_MS << (n < MOST_DOUBLINGS ? n : MOST_DOUBLINGS);
	uint64_t wish_ms = 0;
	uint32_t random = 0;

	if (retry_after && read_wish(retry_after, &wish_ms))
		return wish_ms;
	/* many clients that failed together shall not come back together */
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random))
		return most_ms;
	return random % (most_ms + 1);
}
