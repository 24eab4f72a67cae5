/* SPDX-License-Identifier: MIT */
#include "cli/terminal.h"

#include "lib/base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

bool terminal_is_ours(void) { return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO); }

static bool watch(const struct terminal *t, int operation, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	return epoll_ctl(t->poll_fd, operation, fd, &event) == 0;
}

bool terminal_open(struct terminal *t, struct error *err)
{
	sigset_t resized;

	*t = (struct terminal){.poll_fd = -1, .resize_fd = -1, .master = -1};
	sigemptyset(&resized);
	sigaddset(&resized, SIGWINCH);
	sigprocmask(SIG_BLOCK, &resized, &t->saved_mask);
	t->poll_fd = epoll_create1(EPOLL_CLOEXEC);
	t->resize_fd = signalfd(-1, &resized, SFD_CLOEXEC | SFD_NONBLOCK);
	if (t->poll_fd < 0 || t->resize_fd < 0 || !watch(t, EPOLL_CTL_ADD, t->resize_fd, EPOLLIN)) {
		fail_errno(err, "watching the terminal");
		terminal_close(t);
		return false;
	}
	return true;
}

static void copy_size(const struct terminal *t)
{
	struct winsize size;

	if (t->master >= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		ioctl(t->master, TIOCSWINSZ, &size);
}

bool terminal_join(struct terminal *t, int master, struct error *err)
{
	struct termios raw;

	t->master = master;
	copy_size(t);
	if (fcntl(master, F_SETFL, O_NONBLOCK) < 0 || tcgetattr(STDIN_FILENO, &t->saved) < 0)
		return fail_errno(err, "joining the terminal");
	raw = t->saved;
	cfmakeraw(&raw);
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) < 0)
		return fail_errno(err, "joining the terminal");
	t->is_raw = true;
	if (!watch(t, EPOLL_CTL_ADD, master, EPOLLIN) ||
	    !watch(t, EPOLL_CTL_ADD, STDIN_FILENO, EPOLLIN))
		return fail_errno(err, "joining the terminal");
	return true;
}

static void end_master(struct terminal *t)
{
	fd_close(&t->master);
	t->n_keys = 0;
	/* nobody takes keys any more; it may not be watched at all */
	watch(t, EPOLL_CTL_DEL, STDIN_FILENO, 0);
}

/* Give the container the keys; what it does not take now is kept, and no more are read then. */
static void write_keys(struct terminal *t)
{
	ssize_t n = write(t->master, t->keys, t->n_keys);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		end_master(t);
		return;
	}
	t->n_keys -= n > 0 ? (size_t)n : 0;
	memmove(t->keys, t->keys + (n > 0 ? n : 0), t->n_keys);
	watch(t, EPOLL_CTL_MOD, t->master, t->n_keys ? EPOLLIN | EPOLLOUT : EPOLLIN);
	watch(t, EPOLL_CTL_MOD, STDIN_FILENO, t->n_keys ? 0 : EPOLLIN);
}

static void read_keys(struct terminal *t)
{
	ssize_t n = read(STDIN_FILENO, t->keys, sizeof(t->keys));

	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
		watch(t, EPOLL_CTL_DEL, STDIN_FILENO, 0);
		return;
	}
	if (n > 0 && t->master >= 0) {
		t->n_keys = (size_t)n;
		write_keys(t);
	}
}

/* 1 for some output, 0 when there is none now; at its end the master is closed. */
static int copy_output(struct terminal *t, struct error *err)
{
	char buffer[16384];
	ssize_t n = read(t->master, buffer, sizeof(buffer));

	if (n > 0)
		return fd_write_all(STDOUT_FILENO, buffer, (size_t)n, err) ? 1 : -1;
	/* EIO: all its other ends are closed */
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		end_master(t);
	return 0;
}

bool terminal_carry(struct terminal *t, struct error *err)
{
	struct epoll_event events[4];
	int n = epoll_wait(t->poll_fd, events, array_len(events), 0);

	for (int i = 0; i < n; i++) {
		int fd = events[i].data.fd;

		if (fd == t->resize_fd) {
			struct signalfd_siginfo ignored;

			while (read(fd, &ignored, sizeof(ignored)) > 0)
				copy_size(t);
		} else if (fd == STDIN_FILENO) {
			read_keys(t);
		} else if (fd == t->master) {
			if (events[i].events & EPOLLOUT)
				write_keys(t);
			if (t->master >= 0 && events[i].events & (EPOLLIN | EPOLLHUP) &&
			    copy_output(t, err) < 0)
				return false;
		}
	}
	return true;
}

void terminal_close(struct terminal *t)
{
	struct error ignored; /* our own terminal is gone: nobody reads */

	while (t->master >= 0 && copy_output(t, &ignored) > 0)
		;
	if (t->is_raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &t->saved);
	if (t->poll_fd >= 0)
		sigprocmask(SIG_SETMASK, &t->saved_mask, NULL);
	fd_close(&t->master);
	fd_close(&t->resize_fd);
	fd_close(&t->poll_fd);
	t->is_raw = false;
}
