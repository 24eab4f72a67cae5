/* SPDX-License-Identifier: MIT
 * How long programs take from start to end: `spawn ROUNDS PROGRAM ARG -- PROGRAM ARG …`. They take
 * turns, so that a busy moment of the machine hits all of them; per program the median in
 * microseconds is printed, one per line.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { PROGRAMS_MAX = 16, ROUNDS_MAX = 100000 };

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* -1 when it cannot be started or fails. */
static int64_t run(char **argv, const posix_spawn_file_actions_t *quiet)
{
	int64_t start = now_ns();
	pid_t pid;
	int status;

	if (posix_spawnp(&pid, argv[0], quiet, NULL, argv, environ) != 0 ||
	    waitpid(pid, &status, 0) < 0 || status != 0)
		return -1;
	return now_ns() - start;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	long rounds = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
	char **programs[PROGRAMS_MAX];
	int64_t *times[PROGRAMS_MAX];
	size_t n = 0;
	posix_spawn_file_actions_t quiet;

	if (rounds < 1 || rounds > ROUNDS_MAX)
		return 2;
	programs[n++] = argv + 2;
	for (int i = 2; i + 1 < argc && n < PROGRAMS_MAX; i++)
		if (strcmp(argv[i], "--") == 0) {
			argv[i] = NULL;
			programs[n++] = argv + i + 1;
		}
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	for (size_t p = 0; p < n; p++)
		times[p] = calloc((size_t)rounds, sizeof(*times[p]));
	for (long round = -5; round < rounds; round++)
		for (size_t p = 0; p < n; p++) {
			int64_t ns = run(programs[p], &quiet);

			if (ns < 0 || !times[p]) {
				fprintf(stderr, "cannot run '%s'\n", programs[p][0]);
				return 1;
			}
			if (round >= 0) /* the first ones warm the caches */
				times[p][round] = ns;
		}
	for (size_t p = 0; p < n; p++) {
		qsort(times[p], (size_t)rounds, sizeof(*times[p]), compare);
		printf("%.1f\n", (double)times[p][rounds / 2] / 1000);
		free(times[p]);
	}
	return 0;
}
