/* SPDX-License-Identifier: MIT */
#include "cli/print.h"
#include "cli/print_internal.h"

#include "lib/base/env.h"
#include "lib/base/interrupt.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

struct print print_state;

/* Colour on one stream: cli's rules, the strongest first. */
static bool may_color(const struct globals *g, bool is_terminal)
{
	const char *force = env_get(ENV_CLICOLOR_FORCE);
	const char *off = env_get(ENV_CLICOLOR);
	const char *term = env_get(ENV_TERM);

	if (g->color && strcmp(g->color, "auto") != 0)
		return strcmp(g->color, "always") == 0;
	if (env_get(ENV_NO_COLOR))
		return false;
	if ((force && strcmp(force, "0") != 0) || env_get(ENV_FORCE_COLOR))
		return true;
	if (off && strcmp(off, "0") == 0)
		return false;
	return is_terminal && !(term && strcmp(term, "dumb") == 0);
}

void print_begin(const struct globals *globals, const char *command_name)
{
	struct print *p = &print_state;

	p->globals = globals;
	p->command = command_name;
	for (int fd = 0; fd < 3; fd++)
		p->is_terminal[fd] = isatty(fd);
	p->has_color = may_color(globals, p->is_terminal[STDERR_FILENO]);
}

/* --- the result */

bool print_is_json(void) { return print_state.globals->json; }

struct json_out *print_result(void)
{
	struct print *p = &print_state;

	if (!p->globals->json)
		return NULL;
	if (!p->has_result)
		json_out_object(&p->result, NULL);
	p->has_result = true;
	return &p->result;
}

void print_result_stays(void) { print_state.keeps_result = true; }

void print_document(const char *json)
{
	free(print_state.document);
	print_state.document = xstrdup(json);
}

void print_bytes(const char *bytes, size_t len)
{
	print_live_end();
	if (fwrite(bytes, 1, len, stdout) < len && !print_state.write_errno)
		print_state.write_errno = errno;
}

bool print_stream(const void *bytes, size_t len, struct error *err)
{
	print_bytes(bytes, len);
	if (!print_state.write_errno)
		return true;
	errno = print_state.write_errno;
	return fail_errno(err, "writing standard output");
}

void print_flush(void)
{
	if (fflush(stdout) != 0 && !print_state.write_errno)
		print_state.write_errno = errno;
}

bool print_is_terminal(void) { return print_state.is_terminal[STDOUT_FILENO]; }

void print_mark(enum print_mark mark, const char *word)
{
	static const char *const codes[] = {"32", "2", "1;33", "1;31"};
	const struct print *p = &print_state;
	bool has_color = may_color(p->globals, p->is_terminal[STDOUT_FILENO]);
	auto_free char *styled = xprintf("\x1b[%sm%s\x1b[0m", codes[mark], word);
	const char *shown = has_color ? styled : word;

	print_bytes(shown, strlen(shown));
}

void print_line(const char *fmt, ...)
{
	auto_text raw = {0};
	auto_text line = {0};
	va_list args;

	if (print_state.globals->json)
		return;
	va_start(args, fmt);
	text_addv(&raw, fmt, args);
	va_end(args);
	text_add_printable(&line, text_str(&raw), raw.len, false);
	text_add_char(&line, '\n');
	print_bytes(text_str(&line), line.len);
}

/* --- beside the result */

void print_styled(enum print_style style, const char *text)
{
	static const char *const codes[] = {"1;31", "1;33", "36", "1", "2"};

	if (print_state.has_color)
		fprintf(stderr, "\x1b[%sm%s\x1b[0m", codes[style], text);
	else
		fputs(text, stderr);
}

void print_escaped(const char *text)
{
	auto_text shown = {0};

	text_add_printable(&shown, text, strlen(text), false);
	fputs(text_str(&shown), stderr);
}

void print_help(const char *hint)
{
	print_styled(STYLE_HELP, "  = help: ");
	print_escaped(hint);
	fputc('\n', stderr);
}

void print_docs(const char *docs)
{
	print_styled(STYLE_HELP, "  = docs: ");
	print_escaped(docs);
	fputc('\n', stderr);
}

static void print_while(const char *what, const char *request_id)
{
	print_styled(STYLE_FAINT, "  while: ");
	print_escaped(what);
	if (request_id) {
		print_styled(STYLE_FAINT, "   request-id ");
		print_escaped(request_id);
	}
	fputc('\n', stderr);
}

void print_arrow(const char *file, size_t line, size_t column)
{
	print_styled(STYLE_FAINT, "  --> ");
	print_escaped(file);
	if (line)
		fprintf(stderr, ":%zu", line);
	if (line && column)
		fprintf(stderr, ":%zu", column);
	fputc('\n', stderr);
}

void print_warning(const char *fmt, ...)
{
	auto_text message = {0};
	va_list args;

	va_start(args, fmt);
	text_addv(&message, fmt, args);
	va_end(args);
	strings_add(&print_state.warnings, text_str(&message));
	if (print_state.globals->quiet)
		return;
	print_live_end();
	print_styled(STYLE_WARNING, "warning");
	fputs(": ", stderr);
	print_escaped(text_str(&message));
	fputc('\n', stderr);
}

void print_where(const char *file, size_t line, size_t column)
{
	struct print *p = &print_state;

	free(p->where_file);
	p->where_file = xstrdup(file);
	p->where_line = line;
	p->where_column = column;
}

void print_http(const char *what, int status, const char *request_id)
{
	struct print *p = &print_state;

	free(p->http_what);
	free(p->http_request_id);
	p->http_what = xstrdup(what);
	p->http_status = status;
	p->http_request_id = request_id ? xstrdup(request_id) : NULL;
}

void print_changed(void) { print_state.has_changed = true; }

/* --- the end */

void print_json_where(struct json_out *j, const char *file, size_t line, size_t column)
{
	if (!file) {
		json_out_text(j, "where", NULL);
		return;
	}
	json_out_object(j, "where");
	json_out_text(j, "file", file);
	if (line)
		json_out_number(j, "line", (int64_t)line);
	if (line && column)
		json_out_number(j, "column", (int64_t)column);
	json_out_object_end(j);
}

static void add_error(struct json_out *j, const struct error *err, int status)
{
	const struct print *p = &print_state;
	const struct error_row *row = error_row(err->code);

	json_out_object(j, "error");
	json_out_text(j, "code", row->name);
	json_out_text(j, "message", err->message);
	json_out_text(j, "hint", err->hint[0] ? err->hint : NULL);
	print_json_where(j, p->where_file, p->where_line, p->where_column);
	if (p->http_what) {
		json_out_number(j, "http_status", p->http_status);
		json_out_text(j, "request_id", p->http_request_id);
	}
	json_out_bool(j, "retryable", row->is_retryable);
	json_out_number(j, "exit_code", status);
	json_out_bool(j, "changed", p->has_changed);
	json_out_object_end(j);
}

static void add_schema(struct json_out *j, bool is_error)
{
	auto_text schema = {0};

	text_addf(&schema, "chutes.%s/v1", is_error ? "error" : print_state.command);
	for (char *c = schema.bytes; *c; c++)
		if (*c == ' ')
			*c = '.';
	json_out_text(j, "schema", text_str(&schema));
}

/* The one document. A failure that comes with findings keeps the command's own schema. */
static void write_document(const struct error *err, int status)
{
	struct print *p = &print_state;
	auto_json_out j = {0};

	json_out_object(&j, NULL);
	add_schema(&j, err && !p->has_findings && !p->keeps_result);
	json_out_bool(&j, "ok", !err);
	if (err)
		add_error(&j, err, status);
	if (!err || p->keeps_result) {
		json_out_object_end(print_result());
		json_out_raw(&j, "result", text_str(&p->result.text));
	}
	if (p->has_findings) {
		json_out_array(&j, "findings");
		if (p->findings.text.len)
			json_out_raw(&j, NULL, text_str(&p->findings.text));
		json_out_array_end(&j);
	}
	json_out_array(&j, "warnings");
	for (size_t i = 0; i < p->warnings.n; i++)
		json_out_text(&j, NULL, p->warnings.items[i]);
	json_out_array_end(&j);
	json_out_object_end(&j);
	text_add_char(&j.text, '\n');
	print_bytes(text_str(&j.text), j.text.len);
}

void print_problem(const char *message, const char *hint)
{
	print_live_end();
	print_styled(STYLE_ERROR, "error");
	fputs(": ", stderr);
	print_escaped(message);
	fputc('\n', stderr);
	if (*hint)
		print_help(hint);
}

static void print_error(const struct error *err)
{
	const struct print *p = &print_state;

	print_live_end();
	/* who stopped it knows why: no fault to report */
	if (err->code == ERROR_INTERRUPTED) {
		fputs("stopped\n", stderr);
		return;
	}
	print_styled(STYLE_ERROR, "error");
	fputs(": ", stderr);
	print_escaped(err->message);
	fputc('\n', stderr);
	if (p->where_file)
		print_arrow(p->where_file, p->where_line, p->where_column);
	if (p->http_what)
		print_while(p->http_what, p->http_request_id);
	if (err->hint[0])
		print_help(err->hint);
	if (p->globals->github)
		print_error_annotation(err);
}

static void release(void)
{
	struct print *p = &print_state;

	json_out_release(&p->result);
	json_out_release(&p->findings);
	strings_release(&p->warnings);
	free(p->document);
	free(p->where_file);
	free(p->http_what);
	free(p->http_request_id);
	*p = (struct print){0};
}

int print_end(const struct error *err, int status)
{
	struct print *p = &print_state;

	if (err && status == 0)
		status = err->code == ERROR_INTERRUPTED && interrupt_signal()
				 ? 128 + interrupt_signal()
				 : error_row(err->code)->exit_status;
	print_live_end();
	if (p->document && !err)
		print_bytes(p->document, strlen(p->document));
	else if (p->globals->json)
		write_document(err, status);
	if (err)
		print_error(err);
	if (fflush(stdout) != 0 && !p->write_errno)
		p->write_errno = errno;
	if (p->write_errno == EPIPE && status == 0) {
		status = 128 + SIGPIPE; /* as it ends where nobody ignores the signal for us */
	} else if (p->write_errno && status == 0) {
		struct error full;

		status = error_row(ERROR_FAILURE)->exit_status;
		fail(&full, ERROR_FAILURE, "writing standard output: %s", strerror(p->write_errno));
		print_error(&full);
	}
	release();
	return status;
}
