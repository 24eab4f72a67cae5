/* SPDX-License-Identifier: MIT
 * Lines on stderr that tell how far the work is.
 */
#include "cli/print.h"
#include "cli/print_internal.h"

#include "lib/base/env.h"
#include "lib/base/io.h"
#include "lib/base/text.h"
#include "lib/base/time.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum print_progress print_progress(void)
{
	const struct print *p = &print_state;
	const char *mode = p->globals->progress ? p->globals->progress : "auto";
	const char *term = env_get(ENV_TERM);

	if (p->globals->quiet || strcmp(mode, "none") == 0)
		return PROGRESS_NONE;
	if (strcmp(mode, "auto") != 0)
		return strcmp(mode, "tty") == 0 ? PROGRESS_TTY : PROGRESS_PLAIN;
	return p->is_terminal[STDERR_FILENO] && !(term && strcmp(term, "dumb") == 0)
		       ? PROGRESS_TTY
		       : PROGRESS_PLAIN;
}

size_t print_width(void)
{
	struct winsize size = {0};
	const char *columns = env_get(ENV_COLUMNS);
	long width = columns ? strtol(columns, NULL, 10) : 0;

	if (width <= 0 && (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ||
			   ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0))
		width = size.ws_col;
	return width > 0 && width < 10000 ? (size_t)width : 80;
}

void print_live_end(void)
{
	if (!print_state.has_live)
		return;
	fputs("\r\x1b[K", stderr);
	print_state.has_live = false;
}

/* `label` in a column of its own, then the text. */
static void write_labelled(const char *label, const char *text)
{
	print_styled(STYLE_BOLD, label);
	fprintf(stderr, "%*s", strlen(label) < 6 ? (int)(7 - strlen(label)) : 1, "");
	print_escaped(text);
	fputc('\n', stderr);
}

void print_status(const char *label, const char *fmt, ...)
{
	auto_text line = {0};
	va_list args;

	if (print_progress() == PROGRESS_NONE)
		return;
	va_start(args, fmt);
	text_addv(&line, fmt, args);
	va_end(args);
	print_live_end();
	write_labelled(label, text_str(&line));
	print_state.told_ms = clock_ms();
}

bool print_may_ask(void) { return !print_state.globals->no_input && !env_is_on(ENV_CI); }

void print_question(const char *fmt, ...)
{
	auto_text text = {0};
	auto_text line = {0};
	va_list args;

	va_start(args, fmt);
	text_addv(&text, fmt, args);
	va_end(args);
	print_live_end();
	text_add_printable(&line, text_str(&text), text.len, false);
	fputs(text_str(&line), stderr);
	fflush(stderr);
}

void print_next(const char *fmt, ...)
{
	const struct print *p = &print_state;
	auto_text line = {0};
	va_list args;

	if (p->globals->quiet || p->globals->json || !p->is_terminal[STDERR_FILENO])
		return;
	va_start(args, fmt);
	text_addv(&line, fmt, args);
	va_end(args);
	print_live_end();
	write_labelled("next:", text_str(&line));
}

void print_log(const char *line, size_t len)
{
	auto_text shown = {0};

	text_add_printable(&shown, line, len, true);
	print_live_end();
	fprintf(stderr, "%s\n", text_str(&shown));
}

bool print_secret(const struct secret *text, struct error *err)
{
	const char *bytes = (const char *)text->bytes;

	print_live_end();
	return fd_write_all(STDERR_FILENO, "\n    ", 5, err) &&
	       fd_write_all(STDERR_FILENO, bytes, strnlen(bytes, text->len), err) &&
	       fd_write_all(STDERR_FILENO, "\n\n", 2, err);
}

void print_live(const char *fmt, ...)
{
	enum { REDRAW_MS = 100, PLAIN_MS = 5000 };
	struct print *p = &print_state;
	bool is_plain = print_progress() == PROGRESS_PLAIN;
	bool is_early = clock_ms() - p->told_ms < (is_plain ? PLAIN_MS : REDRAW_MS);
	auto_text raw = {0};
	auto_text shown = {0};
	va_list args;

	if (print_progress() == PROGRESS_NONE || (is_early && (is_plain || p->has_live)))
		return;
	va_start(args, fmt);
	text_addv(&raw, fmt, args);
	va_end(args);
	text_add_printable(&shown, text_str(&raw), raw.len, false);
	print_live_end();
	size_t len = is_plain ? shown.len : print_fitting(text_str(&shown), print_width() - 1);

	fprintf(stderr, "%.*s%s", (int)len, text_str(&shown), is_plain ? "\n" : "");
	p->has_live = !is_plain;
	p->told_ms = clock_ms();
}
