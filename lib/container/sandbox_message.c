/* SPDX-License-Identifier: MIT
 * Messages between the two sides of a sandbox: packets with at most one descriptor.
 */
#include "lib/base/io.h"
#include "lib/container/container_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

bool sandbox_send(struct sandbox *inside, int type, const void *bytes, size_t len, int fd,
		  struct error *err)
{
	union control control = {0};
	/* iovec is for both directions and knows no const */
	union {
		const void *read_only;
		void *any;
	} start = {bytes};
	struct iovec parts[2] = {{&type, sizeof(type)}, {start.any, len}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

	if (len > SANDBOX_MESSAGE_LIMIT)
		return fail(err, ERROR_FAILURE,
			    "a message of %zu bytes is above the limit of %d bytes", len,
			    SANDBOX_MESSAGE_LIMIT);
	if (fd >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);

		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	}
	while (sendmsg(inside->socket, &message, MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			return fail_errno(err, "sending a message out of the sandbox");
	return true;
}

/* The last descriptor of a message; -1 when it has none. */
static int descriptor_of(struct msghdr *message)
{
	int fd = -1;

	for (struct cmsghdr *h = CMSG_FIRSTHDR(message); h; h = CMSG_NXTHDR(message, h)) {
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		fd_close(&fd);
		memcpy(&fd, CMSG_DATA(h), sizeof(fd));
	}
	return fd;
}

/* recvmsg() with the descriptor that came along, -1 for none. */
static ssize_t receive(int socket, struct iovec *parts, size_t n_parts, int flags, int *fd)
{
	union control control;
	struct msghdr message = {.msg_iov = parts,
				 .msg_iovlen = n_parts,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	ssize_t n;

	do
		n = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	*fd = n < 0 ? -1 : descriptor_of(&message);
	return n;
}

int sandbox_receive(int socket, struct sandbox_message *out, struct error *err)
{
	struct iovec parts[2] = {{&out->type, sizeof(out->type)}, {out->bytes, sizeof(out->bytes)}};
	ssize_t n;

	/* ECONNRESET comes once, when the inside has ended without reading that it should stop;
	 * what it sent before is still behind it */
	do
		n = receive(socket, parts, array_len(parts), MSG_DONTWAIT, &out->fd);
	while (n < 0 && errno == ECONNRESET);
	if (n < 0 && errno != EAGAIN) {
		fail_errno(err, "receiving a message of the sandbox");
		return -1;
	}
	if (n < (ssize_t)sizeof(out->type))
		return 0;
	out->len = (size_t)n - sizeof(out->type);
	return 1;
}

bool descriptor_receive(int socket, int *fd, struct error *err)
{
	char name[256];
	struct iovec part = {name, sizeof(name)};
	int got;

	if (receive(socket, &part, 1, 0, &got) < 0)
		return fail_errno(err, "receiving a descriptor");
	if (got < 0)
		return fail(err, ERROR_FAILURE, "a message without a descriptor came");
	*fd = got;
	return true;
}
