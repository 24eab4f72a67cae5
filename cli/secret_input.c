/* SPDX-License-Identifier: MIT */
#include "cli/secret_input.h"

#include "cli/print.h"
#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/process.h"
#include "lib/base/text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

enum {
	BUFFER_BYTES = SECRET_INPUT_LIMIT + 3, /* a line break, and one byte too many */
	TRIES = 3,
};

/* Memory for a secret of the longest kind. */
static void make_room(struct secret *buffer)
{
	process_guard();
	secret_init(buffer, BUFFER_BYTES);
}

static bool finish(const unsigned char *bytes, size_t len, const char *what, struct secret *out,
		   struct error *err)
{
	if (len > SECRET_INPUT_LIMIT)
		return fail(err, ERROR_USAGE, "%s has more than %d bytes", what,
			    SECRET_INPUT_LIMIT);
	if (len == 0)
		return fail(err, ERROR_USAGE, "%s is empty", what);
	if (memchr(bytes, '\0', len))
		return fail(err, ERROR_USAGE, "%s has a NUL byte", what);
	secret_init(out, len + 1);
	memcpy(out->bytes, bytes, len);
	out->len = len;
	return true;
}

/* --- from a file */

static bool read_fd(int fd, const char *what, struct secret *out, struct error *err)
{
	auto_secret buffer = {0};
	size_t len = 0;

	make_room(&buffer);
	while (len < BUFFER_BYTES) {
		ssize_t n = read(fd, buffer.bytes + len, BUFFER_BYTES - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(err, "reading %s", what);
		if (n == 0)
			break;
		len += (size_t)n;
	}
	if (len > 0 && buffer.bytes[len - 1] == '\n') {
		len--;
		len -= len > 0 && buffer.bytes[len - 1] == '\r';
	}
	return finish(buffer.bytes, len, what, out, err);
}

static bool read_file(const char *path, const char *what, struct secret *out, struct error *err)
{
	auto_fd int fd = -1;

	return input_open(path, &fd, err) && read_fd(fd, what, out, err);
}

static bool read_stdin(const char *what, struct secret *out, struct error *err)
{
	auto_text question = {0};

	if (!isatty(STDIN_FILENO))
		return read_fd(STDIN_FILENO, what, out, err);
	text_addf(&question, "%s: ", what);
	return secret_input_ask(text_str(&question), "'@FILE'", out, err);
}

/* The number of "fd:N"; -1: it is none. */
static int descriptor_of(const char *source)
{
	const char *digits = source + strlen("fd:");
	size_t n = text_starts_with(source, "fd:") ? strspn(digits, "0123456789") : 0;

	return n >= 1 && n <= 6 && digits[n] == '\0' ? (int)strtol(digits, NULL, 10) : -1;
}

static bool read_descriptor(int fd, const char *what, struct secret *out, struct error *err)
{
	if (fcntl(fd, F_GETFD) >= 0)
		return read_fd(fd, what, out, err);
	fail(err, ERROR_USAGE, "cannot read %s: descriptor %d is not open", what, fd);
	return fail_hint(err, "open it for this command, as in a shell with '%d<FILE'", fd);
}

bool secret_input_file(const char *path, const char *what, struct secret *out, struct error *err)
{
	if (strcmp(path, "-") == 0)
		return read_stdin(what, out, err);
	if (descriptor_of(path) >= 0)
		return read_descriptor(descriptor_of(path), what, out, err);
	return read_file(path, what, out, err);
}

bool secret_input_read(const char *source, const char *what, struct secret *out, struct error *err)
{
	if (*source == '@' && source[1] != '\0')
		return read_file(source + 1, what, out, err);
	if (strcmp(source, "-") == 0 || descriptor_of(source) >= 0)
		return secret_input_file(source, what, out, err);
	fail(err, ERROR_USAGE,
	     "others can see what stands on a command line: give %s in another way", what);
	return fail_hint(err, "as '-' for standard input, '@FILE', or 'fd:N' for a descriptor");
}

/* --- from a person */

/* A terminal that does not show what is typed. Signals that would end or stop us wait until it does
 * again: then they find it as it was, and who goes on is asked again. */
struct prompt {
	int fd;
	int signal_fd; /* readable when one of them waits */
	struct termios saved;
	sigset_t saved_mask;
};

static void collect_signals(sigset_t *out)
{
	/* after SIGSTOP, which cannot wait, SIGCONT tells that the terminal may be as a shell left
	 * it; it also takes back a SIGTSTP that nobody has seen */
	static const int signals[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGTSTP,
				      SIGCONT, SIGALRM, SIGUSR1, SIGUSR2};

	sigemptyset(out);
	for (size_t i = 0; i < array_len(signals); i++) {
		struct sigaction now;

		/* one that is ignored would wait for ever */
		if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(out, signals[i]);
	}
}

static bool hide(struct prompt *p, struct error *err)
{
	struct termios hidden;
	sigset_t signals;

	collect_signals(&signals);
	if (tcgetattr(p->fd, &p->saved) < 0)
		return fail_errno(err, "asking on the terminal");
	p->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC);
	if (p->signal_fd < 0)
		return fail_errno(err, "asking on the terminal");
	hidden = p->saved;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
	hidden.c_lflag |= ICANON | ISIG | ECHONL;
	sigprocmask(SIG_BLOCK, &signals, &p->saved_mask);
	if (tcsetattr(p->fd, TCSAFLUSH, &hidden) == 0)
		return true;
	fail_errno(err, "asking on the terminal");
	sigprocmask(SIG_SETMASK, &p->saved_mask, NULL);
	fd_close(&p->signal_fd);
	return false;
}

/* Signals that waited do here what they do. */
static void show(struct prompt *p)
{
	tcsetattr(p->fd, TCSAFLUSH, &p->saved);
	fd_close(&p->signal_fd);
	sigprocmask(SIG_SETMASK, &p->saved_mask, NULL);
}

/* 1: a line, or the end of the input; 0: a signal waits; -1. */
static int read_line(const struct prompt *p, struct secret *buffer, size_t *len, struct error *err)
{
	struct pollfd fds[] = {{.fd = p->fd, .events = POLLIN},
			       {.fd = p->signal_fd, .events = POLLIN}};

	*len = 0;
	while (*len < buffer->len) {
		if (poll(fds, array_len(fds), -1) < 0) {
			if (errno == EINTR)
				continue;
			fail_errno(err, "asking on the terminal");
			return -1;
		}
		if (fds[1].revents)
			return 0;
		ssize_t n = read(p->fd, buffer->bytes + *len, buffer->len - *len);

		if (n < 0 && errno == EINTR)
			continue;
		/* the terminal is gone */
		if (n <= 0)
			return 1;
		*len += (size_t)n;
		if (memchr(buffer->bytes, '\n', *len))
			return 1;
	}
	return 1;
}

static bool is_blank(unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static bool ask(int fd, const char *question, struct secret *out, struct error *err)
{
	struct prompt p = {.fd = fd, .signal_fd = -1};
	auto_secret buffer = {0};
	size_t len = 0;
	size_t start = 0;

	make_room(&buffer);
	for (int got = 0; got == 0;) {
		print_question("%s", question);
		if (!hide(&p, err))
			return false;
		got = read_line(&p, &buffer, &len, err);
		show(&p);
		if (got < 0 || !interrupt_check(err))
			return false;
	}
	while (start < len && is_blank(buffer.bytes[start]))
		start++;
	while (len > start && is_blank(buffer.bytes[len - 1]))
		len--;
	return finish(buffer.bytes + start, len - start, "what was typed", out, err);
}

/* Where the answer comes from; standard input may be the data. */
static int open_terminal(void)
{
	int fd = -1;

	if (!print_may_ask() || !isatty(STDERR_FILENO))
		return -1;
	fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (fd < 0 && isatty(STDIN_FILENO))
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	return fd;
}

bool secret_input_can_ask(void)
{
	auto_fd int fd = open_terminal();

	return fd >= 0;
}

bool secret_input_ask(const char *question, const char *flag, struct secret *out, struct error *err)
{
	auto_fd int fd = open_terminal();
	size_t len = strlen(question);

	if (fd >= 0)
		return ask(fd, question, out, err);
	while (len > 0 && strchr(": ", question[len - 1]))
		len--;
	fail(err, ERROR_USAGE, "there is nobody to ask for %.*s", (int)len, question);
	return fail_hint(err, "give it with %s", flag);
}

static bool is_equal(const struct secret *a, const struct secret *b)
{
	assert(a->bytes && b->bytes);
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

bool secret_input_ask_new(const char *question, const char *flag, struct secret *out,
			  struct error *err)
{
	for (int i = 0; i < TRIES; i++) {
		auto_secret first = {0};
		auto_secret second = {0};

		if (!secret_input_ask(question, flag, &first, err) ||
		    !secret_input_ask("the same again: ", flag, &second, err))
			return false;
		if (is_equal(&first, &second)) {
			secret_move(&first, out);
			return true;
		}
		print_problem("the two are not the same", "type it again");
	}
	return fail(err, ERROR_USAGE, "what was typed twice was never the same");
}
