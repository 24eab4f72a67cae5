/* SPDX-License-Identifier: MIT
 * Usage: relay_age PORT STREAMS
 * Reads as many streams of /events at once and prints the median age of an event, in microseconds:
 * from when the server took the time that stands in it until it is read.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { STREAMS_MAX = 256, AGES_MAX = 1 << 20 };

static double ages[AGES_MAX];
static size_t n_ages;

static int ask(int port)
{
	static const char request[] = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				      .sin_port = htons((unsigned short)port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    send(fd, request, sizeof(request) - 1, 0) < 0) {
		perror("relay_age");
		exit(1);
	}
	return fd;
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* false: the stream is over. */
static bool note_events(int fd)
{
	char bytes[16 * 1024 + 1];
	ssize_t n = recv(fd, bytes, sizeof(bytes) - 1, 0);
	double now = now_us();

	if (n <= 0)
		return false;
	bytes[n] = '\0';
	for (const char *at = bytes; (at = strstr(at, "data: ")) && n_ages < AGES_MAX; at++)
		ages[n_ages++] = now - (double)strtoll(at + 6, NULL, 10) / 1e3;
	return n < 5 || memcmp(bytes + n - 5, "0\r\n\r\n", 5) != 0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	int n_streams = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 0;
	struct pollfd streams[STREAMS_MAX];
	int n_open = n_streams;

	if (n_streams < 1 || n_streams > STREAMS_MAX)
		return 2;
	for (int i = 0; i < n_streams; i++)
		streams[i] = (struct pollfd){.fd = ask((int)strtol(argv[1], NULL, 10)),
					     .events = POLLIN};
	while (n_open && poll(streams, (nfds_t)n_streams, 5000) > 0)
		for (int i = 0; i < n_streams; i++)
			if (streams[i].revents && !note_events(streams[i].fd)) {
				close(streams[i].fd);
				streams[i] = (struct pollfd){.fd = -1};
				n_open--;
			}
	if (n_ages == 0)
		return 1;
	qsort(ages, n_ages, sizeof(ages[0]), compare);
	printf("%.1f\n", ages[n_ages / 2]);
	return 0;
}
