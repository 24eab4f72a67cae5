/* SPDX-License-Identifier: MIT
 * What a server's refusal means. Its words are from outside: always one quoted field.
 */
#include "lib/platform/platform.h"

#include "lib/base/memory.h"
#include "lib/base/time.h"

#include <string.h>

enum {
	DETAIL_MAX = 240, /* bytes of the server's words */
	FAULTS_MAX = 5,   /* of a list of them */
	HINT_MAX = 160,
	SKEW_CHUTES_S = 300, /* half of what the platform allows */
	SKEW_BTAUTH_S = 2,   /* what btauth/1 allows ahead; the time on the way is in it */
};

/* --- its words */

/* ["body", "node_selector", "include", 0] as body.node_selector.include.0 */
static void add_location(const struct json *location, struct text *out)
{
	for (size_t i = 0; i < json_count(location); i++) {
		const struct json *part = json_at(location, i);

		text_add(out, i ? "." : "");
		if (json_text(part))
			text_add(out, json_text(part));
		else
			json_write(part, out);
	}
}

/* A list of what is wrong with a request: [{"loc": […], "msg": "…"}]. */
static void add_faults(const struct json *list, struct text *out)
{
	size_t n = json_count(list);

	for (size_t i = 0; i < n && i < FAULTS_MAX; i++) {
		const struct json *fault = json_at(list, i);
		const char *message = json_text(json_find(fault, "msg"));

		text_add(out, i ? "; " : "");
		if (!message) {
			json_write(fault, out);
			continue;
		}
		add_location(json_find(fault, "loc"), out);
		text_addf(out, ": %s", message);
	}
	if (n > FAULTS_MAX)
		text_addf(out, "; and %zu more", n - FAULTS_MAX);
}

static void add_words(const struct json *detail, struct text *out)
{
	if (json_text(detail))
		text_add(out, json_text(detail));
	else if (json_kind(detail) == JSON_KIND_LIST)
		add_faults(detail, out);
	else
		json_write(detail, out);
}

/* What a page says to a person is of no use here. */
static bool is_plain(const char *content_type)
{
	return text_starts_with(content_type, "text/plain") || !*content_type;
}

static void add_plain(const struct text *body, struct text *out)
{
	const char *text = text_str(body);

	text += strspn(text, " \t\r\n");
	text_add_bytes(out, text, strcspn(text, "\r\n"));
}

/* Without a half of a character at the end. */
static void add_quoted(const struct text *words, size_t max, struct text *out)
{
	size_t len = words->len;

	if (len > max) {
		len = max;
		while (len > 0 && ((unsigned char)words->bytes[len] & 0xc0) == 0x80)
			len--;
	}
	auto_free char *cut =
		xprintf("%.*s%s", (int)len, text_str(words), words->len > max ? "..." : "");

	text_add_json(out, cut);
}

struct words {
	struct text detail; /* quoted; empty: it says nothing */
	struct text hint;
};
static void words_release(struct words *w)
{
	text_release(&w->detail);
	text_release(&w->hint);
}

static void read_words(const struct http_answer *a, struct words *out)
{
	static const char *const keys[] = {"detail", "error", "message"};
	auto_json struct json *json = NULL;
	auto_text detail = {0};
	auto_text hint = {0};
	struct error ignored; /* then it is no JSON */
	const struct json *said = NULL;

	if (json_parse(text_str(&a->body), a->body.len, SIZE_MAX, &json, &ignored)) {
		for (size_t i = 0; i < array_len(keys) && !said; i++)
			said = json_find(json, keys[i]);
		if (said)
			add_words(said, &detail);
		if (json_text(json_find(json, "hint")))
			text_add(&hint, json_text(json_find(json, "hint")));
	} else if (is_plain(a->content_type)) {
		add_plain(&a->body, &detail);
	}
	if (detail.len)
		add_quoted(&detail, DETAIL_MAX, &out->detail);
	if (hint.len)
		add_quoted(&hint, HINT_MAX, &out->hint);
}

/* --- clocks */

bool platform_skew(const struct http_answer *a, int64_t *seconds)
{
	const char *date = http_answer_header(a, "Date");
	struct error ignored; /* then it does not say */
	int64_t server = 0;

	if (!date || !http_date_parse(date, &server, &ignored))
		return false;
	*seconds = clock_unix() - server;
	return true;
}

void platform_skew_show(int64_t seconds, struct text *out)
{
	text_add(out, "this clock is ");
	text_add_age(out, (uint64_t)(seconds < 0 ? -seconds : seconds));
	text_addf(out, " %s the server's", seconds < 0 ? "behind" : "ahead of");
}

/* True where the clocks are the reason; its clock is never taken for ours. */
static bool hint_skew(const struct platform *p, const struct platform_answer *a, struct error *err)
{
	bool is_btauth = p->server.scheme && strcmp(p->server.scheme, "btauth") == 0;
	int64_t limit = is_btauth ? SKEW_BTAUTH_S : SKEW_CHUTES_S;
	auto_text shown = {0};
	int64_t skew = 0;

	if (!platform_skew(&a->http, &skew) || (skew <= limit && skew >= -limit))
		return false;
	platform_skew_show(skew, &shown);
	fail_hint(err, "%s: set it, for example with 'timedatectl set-ntp true'", text_str(&shown));
	return true;
}

/* --- the failure */

static enum error_code code_of(int status)
{
	switch (status) {
	case 401:
	case 403:
		return ERROR_AUTH;
	case 402:
	case 429:
		return ERROR_MONEY;
	case 404:
	case 410:
		return ERROR_NOT_FOUND;
	case 409:
		return ERROR_CONFLICT;
	case 422:
		return ERROR_SPEC;
	case 408:
		return ERROR_SERVER;
	default:
		return status / 100 == 4   ? ERROR_USAGE
		       : status / 100 == 5 ? ERROR_SERVER
					   : ERROR_FAILURE;
	}
}

static void hint_auth(const struct platform *p, const struct platform_answer *a, struct error *err)
{
	if (hint_skew(p, a, err))
		return;
	if (a->auth == PLATFORM_AUTH_HOTKEY)
		fail_hint(err, "is this hotkey registered there? 'chutes auth status' tells who "
			       "signs, and how");
	else if (a->auth == PLATFORM_AUTH_KEY)
		fail_hint(err, "is this API key still valid? 'chutes auth status' tells where it "
			       "comes from");
	else
		fail_hint(err, "this request showed no credential");
}

static void hint_wait(const struct platform_answer *a, struct error *err)
{
	const char *wait = http_answer_header(&a->http, "Retry-After");
	size_t digits = wait ? strspn(wait, "0123456789") : 0;

	if (digits > 0 && digits < 10 && !wait[digits])
		fail_hint(err, "the server asks to wait for %s seconds", wait);
}

bool platform_fail(const struct platform *p, const struct platform_request *r,
		   const struct platform_answer *a, struct error *err)
{
	__attribute__((cleanup(words_release))) struct words words = {0};
	const char *location = http_answer_header(&a->http, "Location");
	auto_text times = {0};
	auto_text where = {0};

	read_words(&a->http, &words);
	if (a->n_attempts > 1)
		text_addf(&times, " (%u attempts)", a->n_attempts);
	if (a->http.status / 100 == 3 && location) {
		auto_text raw = {0};

		text_add(&raw, location);
		text_add(&where, " and points to ");
		add_quoted(&raw, DETAIL_MAX, &where);
	}
	fail(err, code_of(a->http.status), "%s %.*s answered %d%s%s%s%s", r->method,
	     (int)strcspn(r->target, "?"), r->target, a->http.status, text_str(&where),
	     words.detail.len ? ": " : "", text_str(&words.detail), text_str(&times));
	if (a->http.status == 401)
		hint_auth(p, a, err);
	else if (words.hint.len)
		fail_hint(err, "the server says: %s", text_str(&words.hint));
	else if (where.len)
		fail_hint(err, "redirects are not followed; ask for the path itself, if it is this "
			       "server's");
	else if (a->http.status == 429 || a->http.status == 503)
		hint_wait(a, err);
	return false;
}

bool platform_json(const struct platform_request *r, const struct platform_answer *a,
		   struct json **out, struct error *err)
{
	struct error why;

	if (json_parse(text_str(&a->http.body), a->http.body.len, SIZE_MAX, out, &why))
		return true;
	return fail(err, ERROR_SERVER, "%s %.*s answered %d with no JSON: %s", r->method,
		    (int)strcspn(r->target, "?"), r->target, a->http.status, why.message);
}
