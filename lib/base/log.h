/* SPDX-License-Identifier: MIT
 * Diagnostic log to stderr: `log_debug("http: GET %s -> %d", url, status)`. The first word is the
 * room. Secrets never go here.
 */
#ifndef CHUTES_BASE_LOG_H
#define CHUTES_BASE_LOG_H

#include "lib/base/compiler.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_set_level(enum log_level level); /* default: LOG_LEVEL_WARNING */
bool log_is_enabled(enum log_level level);
void log_error(const char *fmt, ...) printf_like(1, 2);
void log_warning(const char *fmt, ...) printf_like(1, 2);
void log_info(const char *fmt, ...) printf_like(1, 2);
void log_debug(const char *fmt, ...) printf_like(1, 2);

#endif
