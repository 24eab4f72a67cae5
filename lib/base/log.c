/* SPDX-License-Identifier: MIT */
#include "lib/base/log.h"

#include "lib/base/text.h"

#include <stdarg.h>
#include <unistd.h>

static enum log_level shown = LOG_LEVEL_WARNING;

void log_set_level(enum log_level level) { shown = level; }

bool log_is_enabled(enum log_level level) { return level <= shown; }

static void printf_like(2, 0) write_line(enum log_level level, const char *fmt, va_list args)
{
	static const char *const words[] = {"error", "warning", "info", "debug"};

	if (level > shown)
		return;
	auto_text body = {.max = 8192};
	auto_text line = {.max = 32768};

	text_addv(&body, fmt, args);
	text_addf(&line, "%s: ", words[level]);
	text_add_printable(&line, text_str(&body), body.len, false);
	text_add_char(&line, '\n');
	/* one write, so that lines of several threads do not mix; nobody can be told of a failure
	 */
	ssize_t ignored maybe_unused = write(STDERR_FILENO, text_str(&line), line.len);
}

#define LOG_FUNCTION(name, level)                                                                  \
	void name(const char *fmt, ...)                                                            \
	{                                                                                          \
		va_list args;                                                                      \
                                                                                                   \
		va_start(args, fmt);                                                               \
		write_line(level, fmt, args);                                                      \
		va_end(args);                                                                      \
	}

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warning, LOG_LEVEL_WARNING)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)
