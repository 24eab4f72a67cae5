/* SPDX-License-Identifier: MIT
 * HTTP/1.1 messages as bytes (RFC 9112): heads parsed strictly, bodies taken out of their framing,
 * heads written anew. Pure functions; must not know sockets, threads or what a message means.
 *
 * The grammar is that of the RFC without its tolerances, so that nobody in front of or behind us
 * can read the same bytes as another message: both framing fields, two lengths, signs, lists or
 * overflow in a length, blank before a colon, folded lines, bare CR or LF, NUL and controls,
 * `chunked` that is not alone, framing fields in trailers are refused.
 */
#ifndef CHUTES_HTTP1_HTTP1_H
#define CHUTES_HTTP1_HTTP1_H

#include "lib/base/compiler.h"
#include "lib/base/slice.h"
#include "lib/base/text.h"

enum {
	HTTP1_HEAD_LIMIT = 16 * 1024,  /* bytes; 431 beyond */
	HTTP1_TARGET_LIMIT = 8 * 1024, /* 414 beyond */
	HTTP1_FIELDS_LIMIT = 100,      /* 431 beyond */
};

struct http1_field {
	struct slice name;
	struct slice value; /* without blanks around it */
};

enum http1_framing {
	HTTP1_NO_BODY,
	HTTP1_LENGTH,
	HTTP1_CHUNKED,
	HTTP1_UNTIL_CLOSE, /* replies only */
};

/* Slices point into the parsed bytes. */
struct http1_head {
	struct slice method; /* of a request */
	struct slice target; /* likewise; raw */
	int status;          /* of a reply */
	struct slice reason;
	int minor_version; /* 0 or 1 */
	struct http1_field
		fields[HTTP1_FIELDS_LIMIT]; /* those with "_" in their name are left out */
	size_t n_fields;
	enum http1_framing framing;
	uint64_t length; /* with HTTP1_LENGTH */
	bool keeps_alive;
	bool names_hop_fields; /* Connection has more than "close" and "keep-alive" */
	bool expects_continue; /* Expect: 100-continue, not in HTTP/1.0 */
	bool wants_upgrade;    /* an Upgrade field is there; the caller refuses it */
};

/* Why a message is not taken: `status` answers a request (400, 405, 414, 417, 431, 501, 505), for a
 * reply it is 502. `reason` is a static text for people: "two Host headers". */
struct http1_refusal {
	int status;
	const char *reason;
};

/* The head at the start of `bytes`. 1: it is complete and `*used` bytes long; 0: more bytes are
 * needed; -1: refused, and no further bytes would change that. `*out` means something only with 1.
 * Pure: called again with more bytes it starts again, so a caller that gets little pieces asks
 * http1_head_is_worth_parsing() first.
 *
 * Of a request all of this is known: the method is one of RFC 9110 or PATCH (else 501, CONNECT is
 * 405); the target is "/…", "http://AUTHORITY…" with the authority that Host has, or "*" with
 * OPTIONS, and http1_target_split() takes it; there is one Host, at most one in HTTP/1.0. */
must_use int http1_parse_request(const char *bytes, size_t len, struct http1_head *out,
				 size_t *used, struct http1_refusal *why);
/* `request_method` decides with the status whether a body can follow (HEAD, 1xx, 204, 304). 101 is
 * refused. */
must_use int http1_parse_reply(const char *bytes, size_t len, struct slice request_method,
			       struct http1_head *out, size_t *used, struct http1_refusal *why);
/* Has `bytes` the end of a head, or is it so wrong or so long that parsing says more? `*looked`
 * (0 at first) is how far the last call came. */
bool http1_head_is_worth_parsing(const char *bytes, size_t len, size_t *looked);

/* The value of a field, case-insensitive; NULL `at` when absent or given twice. */
struct slice http1_find(const struct http1_head *head, const char *name);
bool http1_name_is(struct slice name, const char *expected); /* case-insensitive */

/* --- bodies */
struct http1_body {
	enum http1_framing framing;
	uint64_t remaining; /* of the length, or of the chunk */
	int state;          /* of the chunk grammar */
	size_t line_len;    /* of a chunk's line or the trailers so far, both bounded */
	char name[17];      /* of a trailer, as far as it fits */
	size_t name_len;
};
void http1_body_init(struct http1_body *body, const struct http1_head *head);
/* Take framing off: `*used` bytes of `bytes` were looked at, `payload` (maybe empty, in every case
 * to be taken) lies in them. 1: go on, with what is left of `bytes` and then with more; 0: the body
 * is over, what follows `*used` is not of it; -1: refused. Extensions and trailers are dropped. */
must_use int http1_body_next(struct http1_body *body, const char *bytes, size_t len, size_t *used,
			     struct slice *payload, struct http1_refusal *why);
bool http1_body_is_over(const struct http1_body *body);

/* --- writing */
/* Is a field kept when a message is passed on? No: Connection and what it names (never Host, the
 * framing, Authorization), Keep-Alive, Proxy-*, TE, Trailer, Upgrade, Expect, the framing fields.
 */
bool http1_is_passed_on(const struct http1_head *head, const struct http1_field *field);
void http1_write_request_line(struct text *out, struct slice method, struct slice target);
void http1_write_status_line(struct text *out, int status); /* with the RFC's reason phrase */
/* Asserts that no byte of it is a line end or a control. */
void http1_write_field(struct text *out, const char *name, struct slice value);
void http1_write_parsed_field(struct text *out, const struct http1_field *field);
void http1_write_number(struct text *out, const char *name, uint64_t number);
/* Content-Length or Transfer-Encoding. */
void http1_write_framing(struct text *out, enum http1_framing framing, uint64_t length);
void http1_write_end(struct text *out); /* the empty line */
enum { HTTP1_CHUNK_HEAD_MAX = 18 };
/* "1a2b\r\n" for a chunk of `len` bytes; returns its length. */
size_t http1_chunk_head(char out[HTTP1_CHUNK_HEAD_MAX], size_t len);
const char *http1_reason(int status); /* "Not Found"; "" for an unknown one */

/* --- targets */
/* Split a request's target into path and query, for the origin, absolute and `*` form. The path is
 * decoded (%XX) into `path`, of at least `target.len` + 1 bytes; refused: %00 and encoded controls,
 * wrong escapes, a fragment. `query` is raw. */
must_use bool http1_target_split(struct slice target, char *path, struct slice *query,
				 struct http1_refusal *why);
/* The authority of the absolute form; NULL `at` for the others. */
struct slice http1_target_authority(struct slice target);

#endif
