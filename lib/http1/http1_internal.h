/* SPDX-License-Identifier: MIT
 * What the parsers of this room share: which byte may stand where, one field line, and what the
 * fields that decide about framing said.
 */
#ifndef CHUTES_HTTP1_HTTP1_INTERNAL_H
#define CHUTES_HTTP1_HTTP1_INTERNAL_H

#include "lib/http1/http1.h"

#include <string.h>

/* Where a byte may stand (RFC 9110 5.6.2 and 5.5, RFC 3986 3.2.2). */
enum {
	BYTE_TOKEN = 1,  /* methods, names */
	BYTE_VALUE = 2,  /* of fields, reasons: blanks, tabs, what is visible, beyond ASCII */
	BYTE_TARGET = 4, /* what is visible, without "#" */
	BYTE_HOST = 8,   /* names and IPv4 addresses */
	BYTE_DIGIT = 16,
};
extern const unsigned char http1_byte_classes[256];

static inline bool byte_is(char c, unsigned classes)
{
	return http1_byte_classes[(unsigned char)c] & classes;
}

/* What is left to parse. */
struct cursor {
	const char *at;
	const char *end;
};

static inline struct slice skip_bytes(struct cursor *c, unsigned classes)
{
	const char *start = c->at;

	while (c->at < c->end && byte_is(*c->at, classes))
		c->at++;
	return (struct slice){start, (size_t)(c->at - start)};
}

static inline struct slice text_slice(const char *text)
{
	return (struct slice){text, strlen(text)};
}

static inline int http1_refuse(struct http1_refusal *why, int status, const char *reason)
{
	*why = (struct http1_refusal){status, reason};
	return -1;
}

/* 1: `literal` was there; 0: the bytes end before that is known; -1: refused for `reason`. */
must_use int http1_expect(struct cursor *c, const char *literal, const char *reason,
			  struct http1_refusal *why);
/* "HTTP/1.0" or "HTTP/1.1"; 505 for another version, 400 with `reason` for anything else. */
must_use int http1_parse_version(struct cursor *c, int *minor, const char *reason,
				 struct http1_refusal *why);
/* 0 … 15, or -1. */
int http1_hex_digit(char c);
/* Decimal, at most INT64_MAX. */
must_use bool http1_parse_length(struct slice digits, uint64_t *out);
struct slice http1_trim(struct slice text);
bool http1_slices_match(struct slice a, struct slice b); /* case-insensitive */
/* The next element of a list at commas, without blanks; false at its end. */
bool http1_list_next(struct slice *list, struct slice *element);

/* Fields that mean something to a message itself. */
enum http1_field_kind {
	FIELD_OTHER,
	FIELD_CONNECTION,
	FIELD_CONTENT_LENGTH,
	FIELD_EXPECT,
	FIELD_HOST,
	FIELD_TRANSFER_ENCODING,
	FIELD_UPGRADE,
	FIELD_HOP, /* others for the next hop only */
};
enum http1_field_kind http1_field_kind(struct slice name);

/* What the fields of a head said, as far as it is not in the head. */
struct http1_facts {
	size_t n_hosts;
	struct slice host; /* the last one */
	bool has_length;
	bool is_chunked;
	bool closes;            /* Connection: close */
	bool keeps;             /* Connection: keep-alive */
	bool expects_something; /* Expect that is not 100-continue */
};

/* Begin a head: only what a parser does not set in every case; the array of fields stays as it is,
 * since clearing it would cost more than parsing. */
void http1_head_init(struct http1_head *head);
/* All field lines and the empty one behind them. 1, 0, -1 as for a whole head. */
must_use int http1_parse_fields(struct cursor *c, struct http1_head *head,
				struct http1_facts *facts, struct http1_refusal *why);
/* A reading that needs more bytes: 0, or -1 when there must not be more. */
int http1_need_more(size_t len, struct http1_refusal *why);

/* Is it HOST[:PORT] with a name, an IPv4 address or an [IPv6] address? */
bool http1_authority_is_valid(struct slice authority);

#endif
