/* SPDX-License-Identifier: MIT */
#include "lib/base/error.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ROW(code, exit, http, name, sentence)                                                      \
	{                                                                                          \
		code, exit, http, name, sentence, false                                            \
	}
#define RETRY(code, exit, http, name, sentence)                                                    \
	{                                                                                          \
		code, exit, http, name, sentence, true                                             \
	}

static const struct error_row rows[] = {
	ROW(ERROR_FAILURE, 1, 500, "failure", "unexpected or unclassified failure"),
	ROW(ERROR_USAGE, 2, 400, "usage", "the command line is wrong"),
	ROW(ERROR_SPEC, 3, 422, "spec", "the spec is invalid"),
	ROW(ERROR_AUTH, 4, 403, "auth", "not authenticated or not allowed"),
	ROW(ERROR_NOT_FOUND, 5, 404, "not_found", "object not found"),
	ROW(ERROR_CONFLICT, 6, 409, "conflict",
	    "conflict: same name with other content, a lock is held, a port is in use"),
	ROW(ERROR_MONEY, 7, 402, "money", "money or quota: payment needed, fee above the limit"),
	RETRY(ERROR_NOT_YET, 8, 409, "not_yet", "the asked-for state is not reached yet"),
	RETRY(ERROR_TIMEOUT, 9, 504, "timeout", "the time given by --timeout is over"),
	ROW(ERROR_DIFFERENT, 10, 409, "different", "differences exist"),
	RETRY(ERROR_NETWORK, 11, 502, "network", "network: DNS, connect, TLS, proxy"),
	RETRY(ERROR_SERVER, 12, 502, "server", "the server failed, after retries"),
	ROW(ERROR_BUILD, 13, 422, "build",
	    "the image build failed, or an image is broken or hostile"),
	ROW(ERROR_START, 14, 503, "start", "the chute died or never got ready"),
	ROW(ERROR_MISSING, 15, 501, "missing", "something that must be installed here is missing"),
	ROW(ERROR_CALL, 16, 502, "call", "a call or test failed"),
	ROW(ERROR_JOB, 17, 500, "job", "a job failed or was cancelled"),
	ROW(ERROR_POLICY, 18, 403, "policy", "refused by the platform's policy"),
	ROW(ERROR_INTERRUPTED, 130, 499, "interrupted", "ended by a signal (128 + its number)"),
};

const struct error_row *error_row(enum error_code code)
{
	static_assert(array_len(rows) == ERROR_N_CODES, "one row per code");
	assert(code < ERROR_N_CODES && rows[code].code == code);
	return &rows[code];
}

static void mark_cut(char *buffer, size_t size, int wanted)
{
	if (wanted >= 0 && (size_t)wanted >= size)
		memcpy(buffer + size - 4, "...", 4);
}

bool fail(struct error *err, enum error_code code, const char *fmt, ...)
{
	va_list args;

	err->code = code;
	err->hint[0] = '\0';
	err->is_full = false;
	va_start(args, fmt);
	int wanted = vsnprintf(err->message, sizeof(err->message), fmt, args);
	va_end(args);
	mark_cut(err->message, sizeof(err->message), wanted);
	return false;
}

static enum error_code code_of_errno(int number)
{
	switch (number) {
	case ENOENT:
	case ENOTDIR:
		return ERROR_NOT_FOUND;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERROR_AUTH;
	case EEXIST:
	case EADDRINUSE:
		return ERROR_CONFLICT;
	default:
		return ERROR_FAILURE;
	}
}

bool fail_errno(struct error *err, const char *fmt, ...)
{
	int number = errno;
	char what[sizeof(err->message)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	fail(err, code_of_errno(number), "%s: %s", what, strerror(number));
	err->is_full = number == ENOSPC || number == EDQUOT;
	if (err->is_full)
		fail_hint(err, "free space there: 'chutes images delete' does in the store, which "
			       "--store puts elsewhere");
	return false;
}

bool fail_in(struct error *err, const char *fmt, ...)
{
	char old[sizeof(err->message)];
	char context[sizeof(err->message)];
	va_list args;

	memcpy(old, err->message, sizeof(old));
	va_start(args, fmt);
	vsnprintf(context, sizeof(context), fmt, args);
	va_end(args);
	int wanted = snprintf(err->message, sizeof(err->message), "%s: %s", context, old);
	mark_cut(err->message, sizeof(err->message), wanted);
	return false;
}

bool fail_hint(struct error *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int wanted = vsnprintf(err->hint, sizeof(err->hint), fmt, args);
	va_end(args);
	mark_cut(err->hint, sizeof(err->hint), wanted);
	return false;
}
