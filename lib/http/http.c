/* SPDX-License-Identifier: MIT
 * libcurl's multi interface drives one transfer at a time: unlike its easy interface it waits on a
 * descriptor of ours, too, so that Ctrl-C ends a call at once.
 */
#include "lib/http/http.h"

#include "lib/base/env.h"
#include "lib/base/interrupt.h"
#include "lib/base/log.h"
#include "lib/base/loopback.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"
#include "lib/http/curl_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	CONNECT_TIMEOUT_MS = 10000,
	ANSWER_MAX = 64 * 1024 * 1024,
	HEAD_MAX = 256 * 1024,
	POLL_MS = 1000,
};

static struct http_network network;

void http_set_network(const struct http_network *n) { network = *n; }

struct http_client {
	CURLM *multi; /* keeps the connections */
	CURL *easy;
	bool has_lost;
};

bool http_client_new(struct http_client **out, struct error *err)
{
	if (!curl_open(err))
		return false;
	struct http_client *c = xcalloc(1, sizeof(*c));

	c->multi = libcurl.multi_init();
	c->easy = libcurl.easy_init();
	if (!c->multi || !c->easy)
		abort(); /* no memory: as everywhere */
	*out = c;
	return true;
}

void http_client_free(struct http_client *c)
{
	if (!c)
		return;
	libcurl.easy_cleanup(c->easy);
	libcurl.multi_cleanup(c->multi);
	free(c);
}

bool http_client_has_lost(const struct http_client *c) { return c->has_lost; }

/* One request on its way. */
struct transfer {
	const struct http_request *r;
	CURL *easy;
	struct http_answer answer;
	size_t head_len;
	uint64_t sent;        /* bytes of r->stream */
	curl_off_t n_moved;   /* bytes of both directions, when last looked at */
	uint64_t moved_at_ms; /* when there were more of them than before */
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

/* A head is complete. Those before the last one are interim answers: 100 Continue. After 101 comes
 * what is no HTTP, and maybe never ends. */
static bool end_head(struct transfer *t)
{
	long status = 0;

	libcurl.easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	t->answer.status = (int)status;
	if (status == 101) {
		fail(t->err, ERROR_NETWORK,
		     "the server changes to a protocol that nobody asked for");
		return stop(t);
	}
	if (status < 200)
		return true;
	t->has_head = true;
	const char *type = http_answer_header(&t->answer, "Content-Type");

	t->answer.content_type = xstrdup(type ? type : "");
	return !t->r->on_head || t->r->on_head(t->r->context, &t->answer, t->err) || stop(t);
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
	if (end > 5 && strncmp(line, "HTTP/", 5) == 0) {
		strings_release(&t->answer.headers);
		free(t->answer.status_line);
		t->answer.status_line = xstrndup(line, end);
	} else {
		strings_add_taken(&t->answer.headers, xstrndup(line, end));
	}
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

/* --- what goes */

static size_t on_read(char *room, size_t size, size_t n, void *context)
{
	struct transfer *t = context;
	const struct http_body *body = t->r->stream;
	size_t len = 0;

	if (t->sent >= body->len)
		return 0;
	if (!body->read(body->context, t->sent, room, size * n, &len, t->err)) {
		stop(t);
		return CURL_READFUNC_ABORT;
	}
	t->sent += len;
	return len;
}

static int on_seek(void *context, curl_off_t offset, int origin)
{
	struct transfer *t = context;

	if (origin != SEEK_SET || offset < 0)
		return CURL_SEEKFUNC_FAIL;
	t->sent = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

/* --- what is asked */

static char *url_part(CURLU *url, CURLUPart part)
{
	char *text = NULL;

	return libcurl.url_get(url, part, &text, 0) == CURLUE_OK ? text : NULL;
}

/* USAGE unless it is one that we can ask; whether its host is this machine. */
static bool look_at_url(const char *text, bool *is_local, struct error *err)
{
	CURLU *url = libcurl.url_new();
	bool is_good = url && libcurl.url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK;
	char *scheme = is_good ? url_part(url, CURLUPART_SCHEME) : NULL;
	char *host = is_good ? url_part(url, CURLUPART_HOST) : NULL;

	is_good = scheme && host && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
	*is_local = is_good && host_is_loopback(host, strlen(host));
	libcurl.free(scheme);
	libcurl.free(host);
	libcurl.url_free(url);
	if (is_good)
		return true;
	fail(err, ERROR_USAGE, "'%.200s' is no address that can be asked", text);
	return fail_hint(err, "write it as http://HOST:PORT/PATH");
}

static void add_header(struct transfer *t, const char *line)
{
	struct curl_slist *more = libcurl.slist_append(t->headers, line);

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
	if (!http_header_find(given, "Content-Type"))
		add_header(t, "Content-Type:");
	if (!http_header_find(given, "User-Agent"))
		add_header(t, "User-Agent: chutes");
	libcurl.easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
}

static void set_method(struct transfer *t)
{
	const struct http_request *r = t->r;

	if (strcmp(r->method, "HEAD") == 0)
		libcurl.easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
	if (r->stream) {
		libcurl.easy_setopt(t->easy, CURLOPT_UPLOAD, 1L);
		libcurl.easy_setopt(t->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)r->stream->len);
		libcurl.easy_setopt(t->easy, CURLOPT_READFUNCTION, on_read);
		libcurl.easy_setopt(t->easy, CURLOPT_READDATA, t);
		libcurl.easy_setopt(t->easy, CURLOPT_SEEKFUNCTION, on_seek);
		libcurl.easy_setopt(t->easy, CURLOPT_SEEKDATA, t);
	} else if (r->body) {
		libcurl.easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
		libcurl.easy_setopt(t->easy, CURLOPT_POSTFIELDS, r->body);
	}
	libcurl.easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, r->method);
}

static const char *authorities(void)
{
	return network.ca_file ? network.ca_file : env_get(ENV_SSL_CERT_FILE);
}

static void set_network(struct transfer *t, bool is_local)
{
	const char *directory = env_get(ENV_SSL_CERT_DIR);

	if (is_local)
		libcurl.easy_setopt(t->easy, CURLOPT_PROXY, "");
	else if (network.proxy)
		libcurl.easy_setopt(t->easy, CURLOPT_PROXY, network.proxy);
	if (authorities())
		libcurl.easy_setopt(t->easy, CURLOPT_CAINFO, authorities());
	/* who names a file alone means it alone */
	if (network.ca_file || directory)
		libcurl.easy_setopt(t->easy, CURLOPT_CAPATH, network.ca_file ? NULL : directory);
}

static void set_options(struct transfer *t, bool is_local)
{
	const struct http_request *r = t->r;
	uint64_t connect_ms = r->connect_timeout_ms ? r->connect_timeout_ms : CONNECT_TIMEOUT_MS;

	libcurl.easy_setopt(t->easy, CURLOPT_URL, r->url);
	libcurl.easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	libcurl.easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L); /* there may be threads */
	libcurl.easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->curl_error);
	libcurl.easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
	libcurl.easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
	libcurl.easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_header);
	libcurl.easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
	libcurl.easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
	libcurl.easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	libcurl.easy_setopt(t->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L); /* a proxy's answer */
	libcurl.easy_setopt(t->easy, CURLOPT_PATH_AS_IS, 1L); /* a signature may be about it */
	libcurl.easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, (long)r->is_sent_once);
	set_network(t, is_local);
	set_method(t);
	set_headers(t);
}

/* --- the transfer */

/* How much of an address can be shown: its query may be secret. */
static int shown_len(const char *url) { return (int)strcspn(url, "?"); }

static bool fail_timeout(const struct transfer *t, uint64_t ms)
{
	const char *url = t->r->url;

	return fail(t->err, ERROR_TIMEOUT, "%.*s took longer than %" PRIu64 " ms", shown_len(url),
		    url, ms);
}

/* Those where the connection stood and then broke. */
static bool is_lost(CURLcode code)
{
	return code == CURLE_GOT_NOTHING || code == CURLE_PARTIAL_FILE ||
	       code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR || code == CURLE_HTTP2 ||
	       code == CURLE_HTTP2_STREAM;
}

/* libcurl's words go on with the whole address, which may have a password in it. */
static bool is_bad_proxy(const struct transfer *t)
{
	static const char words[] = "Unsupported proxy ";

	return strncmp(t->curl_error, words, strlen(words)) == 0;
}

static const char *curl_text(const struct transfer *t, CURLcode code)
{
	if (code == CURLE_GOT_NOTHING)
		return "the server closed the connection without an answer";
	if (code == CURLE_PARTIAL_FILE || (code == CURLE_RECV_ERROR && t->has_head))
		return "the answer broke off";
	if (code == CURLE_SSL_CACERT_BADFILE)
		return "the file of authorities cannot be used";
	if (is_bad_proxy(t))
		return "what names the proxy is no address of one";
	return t->curl_error[0] ? t->curl_error : libcurl.easy_strerror(code);
}

static bool fail_curl(const struct transfer *t, CURLcode code)
{
	const char *text = curl_text(t, code);
	auto_text shown = {0};
	double connected = 0;

	libcurl.easy_getinfo(t->easy, CURLINFO_CONNECT_TIME, &connected);
	if (code == CURLE_OPERATION_TIMEDOUT && connected > 0)
		return fail_timeout(t, t->r->timeout_ms);
	/* libcurl's own limit of a line, which it takes for want of memory */
	if (code == CURLE_OUT_OF_MEMORY && !t->has_head)
		return fail(t->err, ERROR_SERVER, "a line of the answer's head is too long");
	text_add_printable(&shown, text, strlen(text), false);
	if (shown.len)
		shown.bytes[0] = ascii_lower(shown.bytes[0]);
	fail(t->err, code == CURLE_OPERATION_TIMEDOUT ? ERROR_TIMEOUT : ERROR_NETWORK,
	     "%s %.*s: %s", t->r->method, shown_len(t->r->url), t->r->url, text_str(&shown));
	if (is_bad_proxy(t))
		fail_hint(t->err, "write it as http://HOST:PORT, in --proxy or HTTPS_PROXY");
	if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
		fail_hint(t->err,
			  "--ca-file names the authority that the server's certificate "
			  "comes from; %s%s is used",
			  authorities() ? "now " : "the system's list",
			  authorities() ? authorities() : "");
	return false;
}

/* Has nothing gone or come for longer than it may take? */
static bool check_idle(struct transfer *t)
{
	uint64_t limit_ms = t->r->idle_timeout_ms;
	curl_off_t down = 0;
	curl_off_t up = 0;

	if (!limit_ms)
		return true;
	libcurl.easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
	libcurl.easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &up);
	curl_off_t n_moved = down + up + (curl_off_t)t->head_len;

	if (n_moved > t->n_moved) {
		t->n_moved = n_moved;
		t->moved_at_ms = clock_ms();
	}
	if (clock_ms() - t->moved_at_ms <= limit_ms)
		return true;
	const char *url = t->r->url;

	fail(t->err, ERROR_TIMEOUT, "%.*s: nothing came for %" PRIu64 " ms", shown_len(url), url,
	     limit_ms);
	return stop(t);
}

static int poll_ms(const struct transfer *t)
{
	uint64_t limit_ms = t->r->idle_timeout_ms;

	return limit_ms && limit_ms < POLL_MS ? (int)limit_ms : POLL_MS;
}

/* Until the transfer has ended, well or not. */
static bool drive(struct http_client *c, struct transfer *t)
{
	struct curl_waitfd wake = {.fd = interrupt_fd(), .events = CURL_WAIT_POLLIN};
	int n_running = 1;
	int n_left = 0;

	while (n_running > 0) {
		if (!interrupt_check(t->err) || !check_idle(t))
			return false;
		if (libcurl.multi_perform(c->multi, &n_running) != CURLM_OK ||
		    (n_running > 0 && libcurl.multi_poll(c->multi, &wake, wake.fd >= 0, poll_ms(t),
							 NULL) != CURLM_OK))
			return fail(t->err, ERROR_FAILURE, "libcurl cannot go on");
	}
	const CURLMsg *message = libcurl.multi_info(c->multi, &n_left);
	CURLcode code = message ? message->data.result : CURLE_OK;

	if (t->has_failed)
		return false;
	/* libcurl takes the end of a connection for the end of a head */
	if (code == CURLE_OK && !t->has_head)
		code = CURLE_PARTIAL_FILE;
	c->has_lost = is_lost(code);
	return code == CURLE_OK || fail_curl(t, code);
}

static void take_times(const struct transfer *t, struct http_answer *out)
{
	libcurl.easy_getinfo(t->easy, CURLINFO_CONNECT_TIME, &out->connect_seconds);
	libcurl.easy_getinfo(t->easy, CURLINFO_STARTTRANSFER_TIME, &out->first_byte_seconds);
	libcurl.easy_getinfo(t->easy, CURLINFO_TOTAL_TIME, &out->seconds);
}

bool http_send(struct http_client *c, const struct http_request *r, struct http_answer *out,
	       struct error *err)
{
	struct transfer t = {.r = r, .easy = c->easy, .err = err, .moved_at_ms = clock_ms()};
	bool is_local = false;

	if (!look_at_url(r->url, &is_local, err))
		return false;
	c->has_lost = false;
	libcurl.easy_reset(c->easy);
	set_options(&t, is_local);
	libcurl.multi_add(c->multi, c->easy);
	bool ok = drive(c, &t);

	take_times(&t, &t.answer);
	libcurl.multi_remove(c->multi, c->easy);
	libcurl.slist_free(t.headers);
	log_debug("http: %s %.*s -> %d in %.0f ms", r->method, shown_len(r->url), r->url,
		  ok ? t.answer.status : 0, t.answer.seconds * 1000);
	if (ok)
		*out = t.answer;
	else
		http_answer_release(&t.answer);
	return ok;
}

void http_answer_release(struct http_answer *a)
{
	free(a->status_line);
	free(a->content_type);
	strings_release(&a->headers);
	text_release(&a->body);
	*a = (struct http_answer){0};
}

const char *http_header_find(const struct strings *headers, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; headers && i < headers->n; i++) {
		const char *line = headers->items[i];

		if (strncasecmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " \t");
	}
	return NULL;
}

const char *http_answer_header(const struct http_answer *a, const char *name)
{
	return http_header_find(&a->headers, name);
}
