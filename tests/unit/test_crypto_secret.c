/* SPDX-License-Identifier: MIT */
#include "lib/crypto/secret.h"

#include "tests/unit/tap.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(zero_and_writable)
{
	auto_secret s = {0};
	static const unsigned char zero[100];

	secret_init(&s, 100);
	CHECK(s.len == 100 && memcmp(s.bytes, zero, 100) == 0);
	memset(s.bytes, 7, s.len);
	secret_init(&s, 3);
	CHECK(s.len == 3 && memcmp(s.bytes, zero, 3) == 0);
	secret_release(&s);
	CHECK(!s.bytes && s.len == 0);
	secret_release(&s);
	secret_free(NULL);
}

TEST(moved)
{
	auto_secret a = {0};
	auto_secret b = {0};

	secret_init(&a, 4);
	secret_init(&b, 9);
	memcpy(a.bytes, "abcd", 4);
	secret_move(&a, &b);
	CHECK(!a.bytes && a.len == 0);
	CHECK(b.len == 4 && memcmp(b.bytes, "abcd", 4) == 0);
}

TEST(wiped)
{
	char bytes[] = "secret";

	secret_wipe(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		CHECK(bytes[i] == 0);
}

/* How a process ends that touches the byte at `offset` of a secret of 64 bytes. */
static int signal_of_touching(ptrdiff_t offset)
{
	pid_t child = fork();

	if (child == 0) {
		static const struct rlimit no_core = {0, 0};
		auto_secret s = {0};

		setrlimit(RLIMIT_CORE, &no_core);
		signal(SIGSEGV, SIG_DFL);
		secret_init(&s, 64);
		((volatile unsigned char *)s.bytes)[offset] = 1;
		_exit(0);
	}

	int status = 0;

	return waitpid(child, &status, 0) == child && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST(guarded)
{
	CHECK(signal_of_touching(63) == 0);
	CHECK(signal_of_touching(64) == SIGSEGV);
}

/* What the kernel says of the memory at `p`: two letters for each of its flags. */
static void flags_of(const void *p, char *out, size_t out_size)
{
	FILE *maps = fopen("/proc/self/smaps", "re");
	char line[512];
	bool is_here = false;

	*out = '\0';
	while (maps && fgets(line, sizeof(line), maps)) {
		char *end = NULL;
		uintptr_t from = strtoul(line, &end, 16);

		if (*end == '-')
			is_here = (uintptr_t)p >= from && (uintptr_t)p < strtoul(end + 1, NULL, 16);
		else if (is_here && strncmp(line, "VmFlags:", 8) == 0)
			snprintf(out, out_size, "%s", line + 8);
	}
	if (maps)
		fclose(maps);
}

TEST(not_in_core_files)
{
	auto_secret s = {0};
	char flags[512];

	secret_init(&s, 64);
	flags_of(s.bytes, flags, sizeof(flags));
	if (*flags == '\0')
		SKIP("the kernel does not tell the flags of memory");
	CHECK(strstr(flags, " dd ") != NULL);
}

/* The memory that may be locked is little for ordinary users; a secret is given all the same. */
TEST(nothing_may_be_locked)
{
	pid_t child = fork();

	if (child == 0) {
		static const struct rlimit none = {0, 0};
		auto_secret s = {0};

		setrlimit(RLIMIT_MEMLOCK, &none);
		secret_init(&s, 64);
		memset(s.bytes, 1, 64);
		secret_release(&s);
		_exit(0);
	}

	int status = 1;

	CHECK(waitpid(child, &status, 0) == child && status == 0);
}
