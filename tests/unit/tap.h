/* SPDX-License-Identifier: MIT
 * Unit tests that speak TAP. `TEST(name) { CHECK(…); }` registers itself; main() is here.
 */
#ifndef CHUTES_TESTS_TAP_H
#define CHUTES_TESTS_TAP_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tap_test {
	const char *name;
	void (*run)(void);
	struct tap_test *next;
};

static struct tap_test *tap_first;
static struct tap_test **tap_last = &tap_first;
static bool tap_failed;
static const char *tap_skip_reason;

#define TEST(test_name)                                                                            \
	static void test_##test_name(void);                                                        \
	__attribute__((constructor)) static void register_##test_name(void)                        \
	{                                                                                          \
		static struct tap_test row = {#test_name, test_##test_name, NULL};                 \
                                                                                                   \
		*tap_last = &row;                                                                  \
		tap_last = &row.next;                                                              \
	}                                                                                          \
	static void test_##test_name(void)

static inline bool tap_note(bool ok, const char *file, int line, const char *text)
{
	if (!ok) {
		tap_failed = true;
		printf("# %s:%d: %s\n", file, line, text);
	}
	return ok;
}

/* Note a failure and go on; CHECK_OR_STOP leaves the test. */
#define CHECK(condition) tap_note((condition), __FILE__, __LINE__, #condition)
#define CHECK_OR_STOP(condition)                                                                   \
	do {                                                                                       \
		if (!CHECK(condition))                                                             \
			return;                                                                    \
	} while (0)
#define CHECK_TEXT(got, want)                                                                      \
	do {                                                                                       \
		const char *got_ = (got);                                                          \
		const char *want_ = (want);                                                        \
                                                                                                   \
		if (!tap_note(got_ && want_ && strcmp(got_, want_) == 0, __FILE__, __LINE__,       \
			      #got " is not the expected text"))                                   \
			printf("#   got:  %s\n#   want: %s\n", got_ ? got_ : "(null)",             \
			       want_ ? want_ : "(null)");                                          \
	} while (0)
/* The call succeeds; else its error is shown. */
#define CHECK_OK(call, err)                                                                        \
	do {                                                                                       \
		if (!tap_note((call), __FILE__, __LINE__, #call))                                  \
			printf("#   error: %s\n", (err).message);                                  \
	} while (0)
#define SKIP(reason)                                                                               \
	do {                                                                                       \
		tap_skip_reason = (reason);                                                        \
		return;                                                                            \
	} while (0)

/* How many times slower than usual everything is, for tests that take the time: some with a
 * sanitizer, too many under valgrind, where such a test is to be skipped. */
enum { TAP_TOO_SLOW = 20 };
static inline int tap_slowness(void)
{
	const char *preloaded = getenv("LD_PRELOAD");
	int slowness = 1;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	slowness = 5;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
	slowness = 5;
#endif
#endif
	return preloaded && strstr(preloaded, "vgpreload") ? TAP_TOO_SLOW : slowness;
}

int main(void)
{
	int n = 0;
	int status = 0;

	for (struct tap_test *t = tap_first; t; t = t->next) {
		tap_failed = false;
		tap_skip_reason = NULL;
		t->run();
		printf("%s %d - %s%s%s\n", tap_failed ? "not ok" : "ok", ++n, t->name,
		       tap_skip_reason ? " # SKIP " : "", tap_skip_reason ? tap_skip_reason : "");
		fflush(stdout);
		status |= tap_failed;
	}
	printf("1..%d\n", n);
	return status;
}

#endif
