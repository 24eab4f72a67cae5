/* SPDX-License-Identifier: MIT */
#include "lib/build/output.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

struct output {
	struct output_options options;
	int pipe[2];
	int stop[2]; /* closing stop[1] ends the thread once the pipe is empty */
	pthread_t thread;
	struct text line; /* the unfinished one */
	bool is_redrawn;  /* it goes on at its beginning */
	char *tail[OUTPUT_TAIL_LINES];
	size_t n_lines;
	uint64_t n_bytes;
	uint64_t n_dropped;
	bool has_news;      /* the last line was not shown yet */
	uint64_t show_next; /* clock_ms() before which nothing is shown */
};

/* Nobody reads faster: a step may write a million lines a second. */
enum { SHOW_EVERY_MS = 50 };

/* Length of the terminal control sequence at `s` (ECMA-48: CSI, or OSC up to BEL or ST); 0: none.
 */
static size_t control_length(const char *s, size_t len)
{
	size_t i = 2;

	if (len < 2 || s[0] != '\x1b')
		return 0;
	if (s[1] == '[') {
		while (i < len && (s[i] < '@' || s[i] > '~'))
			i++;
		return i < len ? i + 1 : len;
	}
	if (s[1] != ']')
		return 2;
	while (i < len && s[i] != '\a' && s[i] != '\x1b')
		i++;
	return i < len && s[i] == '\a' ? i + 1 : i;
}

static void end_line(struct output *o)
{
	auto_text plain = {0};
	auto_text shown = {0};
	const char *bytes = text_str(&o->line);
	size_t slot = o->n_lines++ % OUTPUT_TAIL_LINES;

	for (size_t i = 0; i < o->line.len;) {
		size_t skip = control_length(bytes + i, o->line.len - i);

		if (skip == 0)
			text_add_char(&plain, bytes[i]);
		i += skip ? skip : 1;
	}
	text_add_printable(&shown, text_str(&plain), plain.len, true);
	if (o->line.is_cut)
		text_add(&shown, "...");
	free(o->tail[slot]);
	o->tail[slot] = text_take(&shown);
	text_clear(&o->line);
	o->is_redrawn = false;
	o->has_news = o->options.on_line != NULL;
}

/* Show the last line, unless it is too soon after another one. */
static void show_line(struct output *o, bool at_once)
{
	uint64_t now = clock_ms();

	if (!o->has_news || (now < o->show_next && !at_once))
		return;
	o->has_news = false;
	o->show_next = now + SHOW_EVERY_MS;
	o->options.on_line(o->options.context, o->tail[(o->n_lines - 1) % OUTPUT_TAIL_LINES]);
}

/* Bytes before the last OUTPUT_TAIL_LINES lines: nobody will ever see them. */
static size_t unseen(const char *bytes, size_t len)
{
	for (int i = 0; i <= OUTPUT_TAIL_LINES; i++) {
		const char *newline = memrchr(bytes, '\n', len);

		if (!newline)
			return 0;
		len = (size_t)(newline - bytes);
	}
	return len + 1;
}

/* A progress bar goes back and draws its line again: only the last drawing counts. */
static void add_part(struct output *o, const char *bytes, size_t len)
{
	while (len > 0) {
		const char *back = memchr(bytes, '\r', len);
		size_t part = back ? (size_t)(back - bytes) : len;

		if (part > 0 && o->is_redrawn) {
			text_clear(&o->line);
			o->is_redrawn = false;
		}
		text_add_bytes(&o->line, bytes, part);
		if (!back)
			return;
		o->is_redrawn = true;
		bytes += part + 1;
		len -= part + 1;
	}
}

static void take_lines(struct output *o, const char *bytes, size_t len)
{
	size_t skip = unseen(bytes, len);

	if (skip > 0)
		text_clear(&o->line);
	bytes += skip;
	len -= skip;
	while (len > 0) {
		const char *newline = memchr(bytes, '\n', len);
		size_t part = newline ? (size_t)(newline - bytes) : len;

		add_part(o, bytes, part);
		if (newline) {
			end_line(o);
			part++;
		}
		bytes += part;
		len -= part;
	}
}

static void log_bytes(struct output *o, const char *bytes, size_t len)
{
	uint64_t cap = o->options.max_log_bytes ? o->options.max_log_bytes : OUTPUT_LOG_BYTES;
	size_t room = o->n_bytes < cap ? (size_t)(cap - o->n_bytes) : 0;
	struct error ignored; /* a full disk must not stop the step's output from being read */

	if (len > room) {
		o->n_dropped += len - room;
		len = room;
	}
	o->n_bytes += len;
	if (o->options.log_fd >= 0 && !fd_write_all(o->options.log_fd, bytes, len, &ignored))
		o->options.log_fd = -1;
}

static void *read_all(void *arg)
{
	struct output *o = arg;
	struct pollfd fds[2] = {{.fd = o->pipe[0], .events = POLLIN},
				{.fd = o->stop[0], .events = POLLIN}};
	enum { CHUNK = 65536 };
	auto_free char *buffer = xcalloc(1, CHUNK);

	for (;;) {
		if (poll(fds, 2, o->has_news ? SHOW_EVERY_MS : -1) < 0 && errno != EINTR)
			break;
		show_line(o, false);
		ssize_t n = read(o->pipe[0], buffer, CHUNK);

		if (n > 0) {
			log_bytes(o, buffer, (size_t)n);
			take_lines(o, buffer, (size_t)n);
		} else if (n == 0 || (errno != EINTR && (errno != EAGAIN || fds[1].revents))) {
			break; /* the end, told to stop and nothing left, or a failure */
		}
	}
	if (o->line.len)
		end_line(o);
	show_line(o, true);
	return NULL;
}

bool output_open(const struct output_options *options, struct output **out, struct error *err)
{
	struct output *o = xcalloc(1, sizeof(*o));

	*o = (struct output){.options = *options,
			     .pipe = {-1, -1},
			     .stop = {-1, -1},
			     .line = {.max = OUTPUT_LINE_BYTES}};
	if (pipe2(o->pipe, O_CLOEXEC) < 0 || fcntl(o->pipe[0], F_SETFL, O_NONBLOCK) < 0 ||
	    pipe2(o->stop, O_CLOEXEC) < 0) {
		fail_errno(err, "making a pipe");
	} else {
		errno = pthread_create(&o->thread, NULL, read_all, o);
		if (errno == 0) {
			*out = o;
			return true;
		}
		fail_errno(err, "starting a thread");
	}
	for (int i = 0; i < 2; i++) {
		fd_close(&o->pipe[i]);
		fd_close(&o->stop[i]);
	}
	free(o);
	return false;
}

int output_fd(const struct output *o) { return o->pipe[1]; }

void output_close(struct output *o, struct text *tail)
{
	fd_close(&o->stop[1]);
	fd_close(&o->pipe[1]);
	pthread_join(o->thread, NULL);
	fd_close(&o->pipe[0]);
	fd_close(&o->stop[0]);
	if (o->n_dropped && o->options.log_fd >= 0) {
		auto_text note = {0};
		struct error ignored; /* see log_bytes() */

		text_addf(&note, "\n[%" PRIu64 " more bytes of output are not kept]\n",
			  o->n_dropped);
		if (!fd_write_all(o->options.log_fd, text_str(&note), note.len, &ignored))
			o->options.log_fd = -1;
	}
	size_t n = o->n_lines < OUTPUT_TAIL_LINES ? o->n_lines : OUTPUT_TAIL_LINES;

	for (size_t i = o->n_lines - n; tail && i < o->n_lines; i++)
		text_addf(tail, "%s\n", o->tail[i % OUTPUT_TAIL_LINES]);
	for (size_t i = 0; i < OUTPUT_TAIL_LINES; i++)
		free(o->tail[i]);
	text_release(&o->line);
	free(o);
}
