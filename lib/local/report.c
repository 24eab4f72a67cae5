/* SPDX-License-Identifier: MIT */
#include "lib/local/local_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

bool report_open(int sockets[2], struct error *err)
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) == 0 ||
	       fail_errno(err, "making a socket");
}

bool report_send(int fd, const struct report *m, bool may_lose)
{
	size_t len = offsetof(struct report, text) + strlen(m->text) + 1;

	for (;;) {
		if (send(fd, m, len, MSG_NOSIGNAL | (may_lose ? MSG_DONTWAIT : 0)) >= 0)
			return true;
		if (errno != EINTR)
			return false;
	}
}

bool report_send_text(int fd, enum report_kind kind, unsigned generation, const char *text)
{
	struct report m = {.kind = kind, .generation = generation};

	snprintf(m.text, sizeof(m.text), "%s", text);
	return report_send(fd, &m, false);
}

bool report_send_error(int fd, enum report_kind kind, unsigned generation, const struct error *why)
{
	struct report m = {.kind = kind, .generation = generation, .error = *why};

	return report_send(fd, &m, false);
}

int report_receive(int fd, struct report *m)
{
	memset(m, 0, offsetof(struct report, text) + 1);
	for (;;) {
		ssize_t n = recv(fd, m, sizeof(*m), MSG_DONTWAIT);

		if (n > 0)
			return 1;
		if (n == 0)
			return -1;
		if (errno != EINTR)
			return errno == EAGAIN ? 0 : -1;
	}
}
