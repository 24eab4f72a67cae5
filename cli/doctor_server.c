/* SPDX-License-Identifier: MIT
 * chutes doctor: proxies, and the server. It is asked one thing that needs no identity; nothing of
 * ours is sent.
 */
#include "cli/doctor.h"

#include "cli/settings.h"
#include "lib/base/env.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"
#include "lib/http/http.h"
#include "lib/sign/sign.h"

#include <string.h>
#include <time.h>

enum { CONNECT_TIMEOUT_MS = 5000, TIMEOUT_MS = 10000, ANSWER_LIMIT = 1 << 20 };
enum { SKEW_WARNING_S = 300, SKEW_LIMIT_S = 600 }; /* signatures are refused from the limit on */

/* --- proxies */

static const struct {
	enum env_name name;
	const char *lower;
	const char *upper;
} variables[] = {
	{ENV_HTTP_PROXY, "http_proxy=", "HTTP_PROXY="},
	{ENV_HTTPS_PROXY, "https_proxy=", "HTTPS_PROXY="},
	{ENV_ALL_PROXY, "all_proxy=", "ALL_PROXY="},
	{ENV_NO_PROXY, "no_proxy=", "NO_PROXY="},
};

/* The value of the variable whose name and "=" are `prefix`; NULL: unset or empty. */
static const char *value_of(const char *prefix)
{
	const char *entry;
	size_t i = 0;

	if (!env_next(prefix, &i, &entry) || !entry[strlen(prefix)])
		return NULL;
	return entry + strlen(prefix);
}

/* "http://user:password@proxy:3128/" without what is secret: "http://proxy:3128". */
static char *shown_proxy(const char *value)
{
	const char *scheme = strstr(value, "://");
	const char *host = scheme ? scheme + 3 : value;
	const char *at = strrchr(host, '@'); /* a password may have any character */
	const char *start = at ? at + 1 : host;
	size_t len = strcspn(start, "/");

	return xprintf("%.*s%.*s", (int)(host - value), value, (int)len, start);
}

/* As libcurl takes it: a scheme that it knows or none, and a host. */
static bool is_proxy(const char *value)
{
	static const char *const schemes[] = {"http",    "https",  "socks4",
					      "socks4a", "socks5", "socks5h"};
	auto_free char *shown = shown_proxy(value);
	const char *mark = strstr(shown, "://");
	const char *host = mark ? mark + 3 : shown;
	const char *port = strrchr(host, ':');
	bool is_known = !mark;

	for (size_t i = 0; mark && i < array_len(schemes); i++)
		is_known |= strlen(schemes[i]) == (size_t)(mark - shown) &&
			    strncasecmp(shown, schemes[i], (size_t)(mark - shown)) == 0;
	if (port && !strchr(port, ']') && (!port[1] || port[1 + strspn(port + 1, "0123456789")]))
		return false;
	return is_known && *host && *host != ':' && !strpbrk(host, " \t,");
}

static void check_variable(struct report *r, size_t i)
{
	const char *lower = value_of(variables[i].lower);
	const char *upper = value_of(variables[i].upper);
	const char *value = lower ? lower : upper;
	const char *prefix = lower ? variables[i].lower : variables[i].upper;
	bool is_list = variables[i].name == ENV_NO_PROXY;

	if (!value)
		return;
	auto_free char *shown = is_list ? xstrdup(value) : shown_proxy(value);

	text_addf(&r->summary, "%s%s%s", r->summary.len ? ", " : "", prefix, shown);
	if (lower && upper && strcmp(lower, upper) != 0)
		finding_hint(findings_add(&r->findings, "D122",
					  "%.*s and %.*s differ; the first is used",
					  (int)strcspn(variables[i].lower, "="), variables[i].lower,
					  (int)strcspn(variables[i].upper, "="),
					  variables[i].upper),
			     "set one of them, or both alike");
	if (!is_list && !is_proxy(value))
		finding_hint(findings_add(&r->findings, "D121", "%s%s is no address of a proxy",
					  prefix, shown),
			     "write it as http://HOST:PORT");
}

/* Is this host among those of no_proxy? */
static bool is_exempt(const char *host, const char *list)
{
	for (const char *p = list; p && *p;) {
		size_t len = strcspn(p, ", ");
		size_t skip = len > 0 && *p == '.';
		const char *name = p + skip;
		size_t name_len = len - skip;
		size_t host_len = strlen(host);

		if (len == 1 && *p == '*')
			return true;
		if (name_len > 0 && name_len <= host_len &&
		    strncasecmp(host + host_len - name_len, name, name_len) == 0 &&
		    (name_len == host_len || host[host_len - name_len - 1] == '.'))
			return true;
		p += len + (p[len] != '\0');
	}
	return false;
}

static void tell_use(const struct config *c, struct report *r)
{
	const char *url = c->values[CONFIG_BASE_URL].text;
	bool is_secure = text_starts_with(url, "https://");
	const char *host = strstr(url, "://") + 3;
	auto_free char *name = xstrndup(host, strcspn(host, ":/"));
	const char *used = env_get(is_secure ? ENV_HTTPS_PROXY : ENV_HTTP_PROXY);
	bool is_direct =
		(!used && !env_get(ENV_ALL_PROXY)) || is_exempt(name, env_get(ENV_NO_PROXY));

	text_addf(&r->summary, "; %s is reached %s", url,
		  is_direct ? "without one" : "through one");
}

void doctor_proxy(struct doctor *d, struct report *r)
{
	const struct config *c = doctor_config(d);

	for (size_t i = 0; i < array_len(variables); i++)
		check_variable(r, i);
	if (r->summary.len == 0)
		text_add(&r->summary, "none is set");
	else if (c)
		tell_use(c, r);
}

/* --- the server */

/* "Mon, 23 Nov 2026 06:00:00 GMT" (RFC 9110, 5.6.7). */
static bool read_date(const char *text, int64_t *out)
{
	struct tm tm = {0};
	const char *end = text ? strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm) : NULL;

	if (!end || *end)
		return false;
	*out = timegm(&tm);
	return true;
}

static void check_clock(struct report *r, const char *date, int64_t now)
{
	auto_text difference = {0};
	int64_t then;

	if (!read_date(date, &then)) {
		text_add(&r->summary, "; it does not say its time");
		return;
	}
	int64_t late_s = then - now;
	uint64_t away_s = (uint64_t)(late_s < 0 ? -late_s : late_s);

	if (away_s <= SKEW_WARNING_S) {
		text_addf(&r->summary, ", clocks agree");
		return;
	}
	text_add_age(&difference, away_s);
	struct finding *f =
		findings_add(&r->findings, "D133", "the clock here is %s %s of the server's",
			     text_str(&difference), late_s > 0 ? "behind" : "ahead");

	f->severity = away_s > SKEW_LIMIT_S ? SEVERITY_ERROR : SEVERITY_WARNING;
	finding_hint(f, "set the clock: 'timedatectl set-ntp true' as root; signatures of another "
			"time are refused");
}

static void check_signing(const struct config *c, struct report *r)
{
	const struct sign_server server = {.base_url = c->values[CONFIG_BASE_URL].text,
					   .scheme = c->values[CONFIG_SCHEME].text,
					   .key = c->values[CONFIG_SERVER_KEY].text};
	struct sign_peer peer;
	struct error err;

	if (sign_server_check(&server, server.base_url, &peer, &err))
		text_addf(&r->summary, ", requests signed as %s", sign_scheme_name(peer.scheme));
	else
		report_error(r, "D134", &err);
}

static void fail_reach(struct report *r, const struct error *err)
{
	struct finding *f = report_error(r, "D131", err);

	if (err->hint[0])
		return;
	if (strstr(err->message, "ertificate") || strstr(err->message, "SSL"))
		finding_hint(f, "name the authorities of your network with --ca-file or "
				"CHUTES_CA_FILE; a wrong clock does it, too");
	else
		finding_hint(f, "check the address (chutes config get api.base_url), the network "
				"and its proxy (chutes doctor --only proxy)");
}

static void ask(const struct config *c, struct report *r)
{
	auto_free char *url = xprintf("%s/ping", c->values[CONFIG_BASE_URL].text);
	const struct http_request request = {.method = "GET",
					     .url = url,
					     .connect_timeout_ms = CONNECT_TIMEOUT_MS,
					     .timeout_ms = TIMEOUT_MS,
					     .limit = ANSWER_LIMIT};
	auto_http_client struct http_client *client = NULL;
	auto_http_answer answer = {0};
	struct error err;

	if (!http_client_new(&client, &err) || !http_send(client, &request, &answer, &err)) {
		fail_reach(r, &err);
		return;
	}
	text_addf(&r->summary, "%s answers in %.0f ms", c->values[CONFIG_BASE_URL].text,
		  answer.seconds * 1e3);
	if (answer.status >= 500)
		finding_hint(findings_add(&r->findings, "D132", "%s answers with status %d", url,
					  answer.status),
			     "try again later; whoever runs the server sees why in its log");
	check_clock(r, http_answer_header(&answer, "Date"), clock_unix());
}

void doctor_server(struct doctor *d, struct report *r)
{
	const struct config *c = doctor_config(d);

	if (!c) {
		r->is_absent = true;
		text_add(&r->summary, "not asked: the settings cannot be read");
		return;
	}
	if (c->values[CONFIG_BASE_URL].origin == CONFIG_FROM_DEFAULT && !d->is_online) {
		r->is_absent = true;
		text_addf(&r->summary, "%s is not asked; --online does",
			  c->values[CONFIG_BASE_URL].text);
		return;
	}
	ask(c, r);
	check_signing(c, r);
}
