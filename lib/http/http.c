/* SPDX-License-Identifier: MIT
 * libcurl's multi interface drives one transfer at a time: unlike its easy interface it waits on a
 * descriptor of ours, too, so that Ctrl-C ends a call at once.
 */
#include "lib/http/http.h"

#include "lib/base/env.h"
#include "lib/base/interrupt.h"
#include "lib/base/library.h"
#include "lib/base/loopback.h"
#include "lib/base/memory.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	CONNECT_TIMEOUT_MS = 10000,
	ANSWER_MAX = 64 * 1024 * 1024,
	HEAD_MAX = 256 * 1024,
	POLL_MS = 1000,
};

/* What we use of libcurl.so.4, with the types of its own headers. */
static struct {
	__typeof__(curl_global_init) *global_init;
	__typeof__(curl_easy_init) *easy_init;
	__typeof__(curl_easy_cleanup) *easy_cleanup;
	__typeof__(curl_easy_reset) *easy_reset;
	__typeof__(curl_easy_setopt) *easy_setopt;
	__typeof__(curl_easy_getinfo) *easy_getinfo;
	__typeof__(curl_easy_strerror) *easy_strerror;
	__typeof__(curl_multi_init) *multi_init;
	__typeof__(curl_multi_cleanup) *multi_cleanup;
	__typeof__(curl_multi_add_handle) *multi_add;
	__typeof__(curl_multi_remove_handle) *multi_remove;
	__typeof__(curl_multi_perform) *multi_perform;
	__typeof__(curl_multi_poll) *multi_poll;
	__typeof__(curl_multi_info_read) *multi_info;
	__typeof__(curl_slist_append) *slist_append;
	__typeof__(curl_slist_free_all) *slist_free;
	__typeof__(curl_url) *url_new;
	__typeof__(curl_url_set) *url_set;
	__typeof__(curl_url_get) *url_get;
	__typeof__(curl_url_cleanup) *url_free;
	__typeof__(curl_free) *free;
} lib;

static const struct library_function functions[] = {
	{"curl_global_init", &lib.global_init},
	{"curl_easy_init", &lib.easy_init},
	{"curl_easy_cleanup", &lib.easy_cleanup},
	{"curl_easy_reset", &lib.easy_reset},
	{"curl_easy_setopt", &lib.easy_setopt},
	{"curl_easy_getinfo", &lib.easy_getinfo},
	{"curl_easy_strerror", &lib.easy_strerror},
	{"curl_multi_init", &lib.multi_init},
	{"curl_multi_cleanup", &lib.multi_cleanup},
	{"curl_multi_add_handle", &lib.multi_add},
	{"curl_multi_remove_handle", &lib.multi_remove},
	{"curl_multi_perform", &lib.multi_perform},
	{"curl_multi_poll", &lib.multi_poll},
	{"curl_multi_info_read", &lib.multi_info},
	{"curl_slist_append", &lib.slist_append},
	{"curl_slist_free_all", &lib.slist_free},
	{"curl_url", &lib.url_new},
	{"curl_url_set", &lib.url_set},
	{"curl_url_get", &lib.url_get},
	{"curl_url_cleanup", &lib.url_free},
	{"curl_free", &lib.free},
};

static bool is_open;

static void open_library(void)
{
	is_open = library_open("libcurl.so.4", functions, array_len(functions)) &&
		  lib.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

struct http_client {
	CURLM *multi; /* keeps the connections */
	CURL *easy;
};

bool http_client_new(struct http_client **out, struct error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, open_library);
	if (!is_open) {
		fail(err, ERROR_MISSING, "libcurl.so.4 cannot be used");
		return fail_hint(err, "install the package libcurl4");
	}
	struct http_client *c = xcalloc(1, sizeof(*c));

	c->multi = lib.multi_init();
	c->easy = lib.easy_init();
	if (!c->multi || !c->easy)
		abort(); /* no memory: as everywhere */
	*out = c;
	return true;
}

void http_client_free(struct http_client *c)
{
	if (!c)
		return;
	lib.easy_cleanup(c->easy);
	lib.multi_cleanup(c->multi);
	free(c);
}

/* One request on its way. */
struct transfer {
	const struct http_request *r;
	CURL *easy;
	struct http_answer answer;
	size_t head_len;
	bool has_head;
	bool has_failed; /* `err` is filled by a callback of ours */
	struct error *err;
	char curl_error[CURL_ERROR_SIZE];
	struct curl_slist *headers;
};

static bool stop(struct transfer *t)
{
	t->has_failed = true;
	return false;
}

/* --- what comes */

/* A head is complete. Those before the last one are interim answers: 100 Continue. */
static bool end_head(struct transfer *t)
{
	long status = 0;

	lib.easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	t->answer.status = (int)status;
	if (status < 200)
		return true;
	t->has_head = true;
	const char *type = http_answer_header(&t->answer, "Content-Type");

	t->answer.content_type = xstrdup(type ? type : "");
	return !t->r->on_head ||
	       t->r->on_head(t->r->context, t->answer.status, t->answer.content_type, t->err) ||
	       stop(t);
}

static size_t on_header(char *line, size_t size, size_t n, void *context)
{
	struct transfer *t = context;
	size_t len = size * n;

	t->head_len += len; /* the trailers, too */
	if (t->head_len > HEAD_MAX) {
		fail(t->err, ERROR_SERVER, "the answer's head is longer than the limit of %d bytes",
		     HEAD_MAX);
		stop(t);
		return 0;
	}
	if (t->has_head)
		return len;
	size_t end = len;

	while (end > 0 && (line[end - 1] == '\n' || line[end - 1] == '\r'))
		end--;
	if (end == 0)
		return end_head(t) ? len : 0;
	if (end > 5 && strncmp(line, "HTTP/", 5) == 0)
		strings_release(&t->answer.headers);
	else
		strings_add_taken(&t->answer.headers, xstrndup(line, end));
	return len;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *context)
{
	struct transfer *t = context;
	size_t len = size * n;
	size_t limit = t->r->limit ? t->r->limit : ANSWER_MAX;

	if (t->r->on_bytes) {
		if (t->r->on_bytes(t->r->context, bytes, len, t->err))
			return len;
		stop(t);
		return 0;
	}
	if (len > limit - t->answer.body.len) {
		fail(t->err, ERROR_SERVER, "the answer is longer than the limit of %zu bytes",
		     limit);
		stop(t);
		return 0;
	}
	text_add_bytes(&t->answer.body, bytes, len);
	return len;
}

/* --- what is asked */

static char *url_part(CURLU *url, CURLUPart part)
{
	char *text = NULL;

	return lib.url_get(url, part, &text, 0) == CURLUE_OK ? text : NULL;
}

/* USAGE unless it is one that we can ask; whether its host is this machine. */
static bool look_at_url(const char *text, bool *is_local, struct error *err)
{
	CURLU *url = lib.url_new();
	bool is_good = url && lib.url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK;
	char *scheme = is_good ? url_part(url, CURLUPART_SCHEME) : NULL;
	char *host = is_good ? url_part(url, CURLUPART_HOST) : NULL;

	is_good = scheme && host && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
	*is_local = is_good && host_is_loopback(host, strlen(host));
	lib.free(scheme);
	lib.free(host);
	lib.url_free(url);
	if (is_good)
		return true;
	fail(err, ERROR_USAGE, "'%.200s' is no address that can be asked", text);
	return fail_hint(err, "write it as http://HOST:PORT/PATH");
}

static bool has_header(const struct strings *headers, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; headers && i < headers->n; i++)
		if (strncasecmp(headers->items[i], name, len) == 0 && headers->items[i][len] == ':')
			return true;
	return false;
}

static void add_header(struct transfer *t, const char *line)
{
	struct curl_slist *more = lib.slist_append(t->headers, line);

	if (!more)
		abort(); /* no memory: as everywhere */
	t->headers = more;
}

static void set_headers(struct transfer *t)
{
	const struct strings *given = t->r->headers;

	for (size_t i = 0; given && i < given->n; i++)
		add_header(t, given->items[i]);
	/* what curl would add by itself */
	add_header(t, "Expect:");
	if (!has_header(given, "Content-Type"))
		add_header(t, "Content-Type:");
	if (!has_header(given, "User-Agent"))
		add_header(t, "User-Agent: chutes");
	lib.easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
}

static void set_method(struct transfer *t)
{
	const struct http_request *r = t->r;

	if (strcmp(r->method, "HEAD") == 0)
		lib.easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
	if (r->body) {
		lib.easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
		lib.easy_setopt(t->easy, CURLOPT_POSTFIELDS, r->body);
	}
	lib.easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, r->method);
}

static void set_options(struct transfer *t, bool is_local)
{
	const struct http_request *r = t->r;
	const char *authorities = env_get(ENV_SSL_CERT_FILE);
	uint64_t connect_ms = r->connect_timeout_ms ? r->connect_timeout_ms : CONNECT_TIMEOUT_MS;

	lib.easy_setopt(t->easy, CURLOPT_URL, r->url);
	lib.easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	lib.easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L); /* there may be threads */
	lib.easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->curl_error);
	lib.easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
	lib.easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
	lib.easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_header);
	lib.easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
	lib.easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
	lib.easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	lib.easy_setopt(t->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L); /* a proxy's answer */
	if (is_local)
		lib.easy_setopt(t->easy, CURLOPT_PROXY, "");
	if (authorities)
		lib.easy_setopt(t->easy, CURLOPT_CAINFO, authorities);
	set_method(t);
	set_headers(t);
}

/* --- the transfer */

static bool fail_curl(const struct transfer *t, CURLcode code)
{
	const char *text = t->curl_error[0] ? t->curl_error : lib.easy_strerror(code);
	auto_text shown = {0};
	double connected = 0;

	lib.easy_getinfo(t->easy, CURLINFO_CONNECT_TIME, &connected);
	if (code == CURLE_OPERATION_TIMEDOUT && connected > 0)
		return fail(t->err, ERROR_TIMEOUT, "%s took longer than %" PRIu64 " ms", t->r->url,
			    t->r->timeout_ms);
	/* libcurl's own limit of a line, which it takes for want of memory */
	if (code == CURLE_OUT_OF_MEMORY && !t->has_head)
		return fail(t->err, ERROR_SERVER, "a line of the answer's head is too long");
	if (code == CURLE_GOT_NOTHING)
		text = "the server closed the connection without an answer";
	else if (code == CURLE_PARTIAL_FILE || (code == CURLE_RECV_ERROR && t->has_head))
		text = "the answer broke off";
	text_add_printable(&shown, text, strlen(text), false);
	if (shown.len)
		shown.bytes[0] = ascii_lower(shown.bytes[0]);
	return fail(t->err, code == CURLE_OPERATION_TIMEDOUT ? ERROR_TIMEOUT : ERROR_NETWORK,
		    "%s %s: %s", t->r->method, t->r->url, text_str(&shown));
}

/* Until the transfer has ended, well or not. */
static bool drive(struct http_client *c, struct transfer *t)
{
	struct curl_waitfd wake = {.fd = interrupt_fd(), .events = CURL_WAIT_POLLIN};
	int n_running = 1;
	int n_left = 0;

	while (n_running > 0) {
		if (!interrupt_check(t->err))
			return false;
		if (lib.multi_perform(c->multi, &n_running) != CURLM_OK ||
		    (n_running > 0 &&
		     lib.multi_poll(c->multi, &wake, wake.fd >= 0, POLL_MS, NULL) != CURLM_OK))
			return fail(t->err, ERROR_FAILURE, "libcurl cannot go on");
	}
	const CURLMsg *message = lib.multi_info(c->multi, &n_left);
	CURLcode code = message ? message->data.result : CURLE_OK;

	if (t->has_failed)
		return false;
	/* libcurl takes the end of a connection for the end of a head; 101 is final, too */
	if (code == CURLE_OK && !t->has_head && t->answer.status != 101)
		code = CURLE_PARTIAL_FILE;
	return code == CURLE_OK || fail_curl(t, code);
}

static void take_times(const struct transfer *t, struct http_answer *out)
{
	lib.easy_getinfo(t->easy, CURLINFO_CONNECT_TIME, &out->connect_seconds);
	lib.easy_getinfo(t->easy, CURLINFO_STARTTRANSFER_TIME, &out->first_byte_seconds);
	lib.easy_getinfo(t->easy, CURLINFO_TOTAL_TIME, &out->seconds);
}

bool http_send(struct http_client *c, const struct http_request *r, struct http_answer *out,
	       struct error *err)
{
	struct transfer t = {.r = r, .easy = c->easy, .err = err};
	bool is_local = false;

	if (!look_at_url(r->url, &is_local, err))
		return false;
	lib.easy_reset(c->easy);
	set_options(&t, is_local);
	lib.multi_add(c->multi, c->easy);
	bool ok = drive(c, &t);

	take_times(&t, &t.answer);
	lib.multi_remove(c->multi, c->easy);
	lib.slist_free(t.headers);
	if (ok)
		*out = t.answer;
	else
		http_answer_release(&t.answer);
	return ok;
}

void http_answer_release(struct http_answer *a)
{
	free(a->content_type);
	strings_release(&a->headers);
	text_release(&a->body);
	*a = (struct http_answer){0};
}

const char *http_answer_header(const struct http_answer *a, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < a->headers.n; i++) {
		const char *line = a->headers.items[i];

		if (strncasecmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " \t");
	}
	return NULL;
}
