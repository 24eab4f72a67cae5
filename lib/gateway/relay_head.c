/* SPDX-License-Identifier: MIT
 * The head of a relayed request: written from the parsed fields, never copied as bytes, so that the
 * chute's web server cannot read another message than we did.
 */
#include "lib/gateway/relay_internal.h"

#include <string.h>
#include <strings.h>

#include "lib/data/fields.h"

static struct slice slice_of(const char *s) { return (struct slice){s, strlen(s)}; }

static bool slice_is(struct slice s, const char *expected)
{
	return s.len == strlen(expected) && memcmp(s.at, expected, s.len) == 0;
}

/* The absolute form is for proxies; path and query are the same bytes in both. */
static struct slice origin_form(struct slice target)
{
	struct slice authority = http1_target_authority(target);

	if (!authority.at)
		return target;
	const char *rest = authority.at + authority.len;
	return (struct slice){rest, (size_t)(target.at + target.len - rest)};
}

static void write_request_line(struct text *out, struct slice method, struct slice target)
{
	struct slice origin = origin_form(target);

	if (origin.len > 0 && origin.at[0] != '?') {
		http1_write_request_line(out, method, origin);
		return;
	}
	/* "http://host" and "http://host?query" name the path "/" */
	char with_slash[HTTP1_TARGET_LIMIT + 1];
	size_t len = origin.len < HTTP1_TARGET_LIMIT ? origin.len : HTTP1_TARGET_LIMIT;

	with_slash[0] = '/';
	if (len > 0)
		memcpy(with_slash + 1, origin.at, len);
	http1_write_request_line(out, method, (struct slice){with_slash, len + 1});
}

static bool is_set_by(const struct field_pairs *headers, struct slice name)
{
	for (size_t i = 0; headers && i < headers->n; i++)
		if (http1_name_is(name, headers->items[i].name))
			return true;
	return false;
}

/* What only the last one in front of the chute may say. */
static bool is_about_forwarding(struct slice name)
{
	static const char prefix[] = "x-forwarded-";

	return (name.len >= strlen(prefix) && strncasecmp(name.at, prefix, strlen(prefix)) == 0) ||
	       http1_name_is(name, "forwarded");
}

/* "127.0.0.1:40312" and "[::1]:40312" without the port. */
static struct slice address_of_peer(const char *peer)
{
	const char *colon = strrchr(peer, ':');

	if (!colon)
		return (struct slice){0};
	if (peer[0] == '[' && colon > peer + 2)
		return (struct slice){peer + 1, (size_t)(colon - peer - 2)};
	return (struct slice){peer, (size_t)(colon - peer)};
}

/* Ours, where the options do not say otherwise. */
static void write_own(struct text *out, const struct exchange *x, const char *name,
		      struct slice value)
{
	if (!is_set_by(x->options->headers, slice_of(name)))
		http1_write_field(out, name, value);
}

static void write_forwarded(struct text *out, const struct exchange *x, struct slice host)
{
	struct slice address = address_of_peer(request_peer(x->req));

	if (address.len > 0)
		write_own(out, x, "X-Forwarded-For", address);
	write_own(out, x, "X-Forwarded-Proto", slice_of("http"));
	if (host.at)
		write_own(out, x, "X-Forwarded-Host", host);
}

static void write_field(struct text *out, const struct http1_field *field)
{
	text_add_bytes(out, field->name.at, field->name.len);
	text_add_bytes(out, ": ", 2);
	text_add_bytes(out, field->value.at, field->value.len);
	text_add_bytes(out, "\r\n", 2);
}

static void write_framing(struct text *out, const struct exchange *x)
{
	const struct http1_head *head = request_head(x->req);

	if (x->options->body)
		http1_write_framing(out, HTTP1_LENGTH, x->options->body->len);
	else if (head->framing != HTTP1_NO_BODY)
		http1_write_framing(out, head->framing, head->length);
	else if (slice_is(x->method, "POST") || slice_is(x->method, "PUT") ||
		 slice_is(x->method, "PATCH"))
		http1_write_framing(out, HTTP1_LENGTH, 0); /* as RFC 9110 8.6 asks */
}

void relay_write_head(struct text *out, const struct exchange *x)
{
	const struct http1_head *head = request_head(x->req);
	const struct field_pairs *headers = x->options->headers;
	const char *target = x->options->target;
	struct slice host = http1_find(head, "host");

	write_request_line(out, x->method, target ? slice_of(target) : head->target);
	if (!host.at)
		write_own(out, x, "Host", slice_of("localhost"));
	for (size_t i = 0; i < head->n_fields; i++) {
		const struct http1_field *field = &head->fields[i];
		if (http1_is_passed_on(head, field) && !is_about_forwarding(field->name) &&
		    !is_set_by(headers, field->name))
			write_field(out, field);
	}
	for (size_t i = 0; headers && i < headers->n; i++) {
		const struct http1_field field = {slice_of(headers->items[i].name),
						  slice_of(headers->items[i].value)};
		if (http1_is_passed_on(head, &field))
			http1_write_field(out, headers->items[i].name, field.value);
	}
	write_forwarded(out, x, host);
	write_framing(out, x);
	http1_write_end(out);
}
