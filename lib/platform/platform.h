/* SPDX-License-Identifier: MIT
 * One server's API: requests that are signed or carry its API key, sent again where nothing can
 * happen twice, and what its refusals mean. Knows neither configuration nor terminal.
 *
 * Each attempt is signed anew. A redirect is an answer: what was signed for one server never goes
 * to another one.
 */
#ifndef CHUTES_PLATFORM_PLATFORM_H
#define CHUTES_PLATFORM_PLATFORM_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"
#include "lib/crypto/sr25519.h"
#include "lib/data/json.h"
#include "lib/http/http.h"
#include "lib/sign/sign.h"

/* The server, and what we have to show it. All borrowed. */
struct platform {
	struct http_client *http;
	struct sign_server server;
	const char *user_id;              /* NULL: not known */
	const char *sdk_version;          /* that we claim where the platform asks for one */
	const struct sr25519_key *hotkey; /* NULL: none */
	const char *api_key;              /* or a JSON web token; NULL: none */
};

enum platform_auth {
	PLATFORM_AUTH_AUTO,   /* the hotkey where it is accepted, else the API key */
	PLATFORM_AUTH_HOTKEY, /* a signature */
	PLATFORM_AUTH_KEY,    /* the API key */
	PLATFORM_AUTH_NONE,
};

enum {
	PLATFORM_RETRIES = 5,              /* as many as are usual */
	PLATFORM_IDLE_MS = 60 * 1000,      /* of silence, which ends an attempt */
	PLATFORM_RETRY_WAIT_MS = 60 * 1000 /* for all retries together, the server's wishes included
					    */
};

struct platform_request {
	const char *method; /* capitals */
	const char *target; /* path and query as they are sent: "/chutes/?limit=5" */
	enum platform_auth auth;
	const char *purpose; /* that is signed; NULL: what the endpoint is known to want */
	const struct strings *headers; /* more of them, checked by platform_header_check() */
	const char *content_type;      /* of the body */
	const struct http_body *body;  /* NULL: none */
	bool is_repeatable;            /* POST or PATCH, but nothing happens twice */
	unsigned retries;
	uint64_t timeout_ms; /* of everything; 0: none */
	/* A success is handed on as it comes, refusals are always collected. May be NULL. A request
	 * is not sent again once anything was handed on. */
	bool (*on_head)(void *context, const struct http_answer *head, struct error *err);
	bool (*on_bytes)(void *context, const void *bytes, size_t len, struct error *err);
	/* Before a wait; may be NULL. `why`: "answered 503", "connection lost". */
	void (*on_retry)(void *context, const char *why, uint64_t wait_ms);
	void *context;
};

struct platform_answer {
	struct http_answer http;
	enum platform_auth auth; /* what was shown */
	unsigned n_attempts;
};
void platform_answer_release(struct platform_answer *a);
#define auto_platform_answer                                                                       \
	__attribute__((cleanup(platform_answer_release))) struct platform_answer

/* What a request would be shown, of what there is. AUTH, saying what is needed. */
must_use bool platform_auth_choose(const struct sign_server *server,
				   const struct platform_request *r, bool has_hotkey, bool has_key,
				   enum platform_auth *out, struct error *err);
/* "hotkey", "key", "none"; "auto". */
const char *platform_auth_name(enum platform_auth auth);
/* May an API key go to this server? AUTH: plain http to a host that is not this machine. */
must_use bool platform_key_check(const char *base_url, struct error *err);
/* A header that a caller adds, "Name: value". USAGE for what is none, and for those that are ours:
 * of signatures and credentials, of length and host. */
must_use bool platform_header_check(const char *line, struct error *err);
/* A path with a query, as it can be sent. USAGE. */
must_use bool platform_target_check(const char *target, struct error *err);

/* The headers of one attempt. `body_hash` is NULL without a body. For `auth`
 * PLATFORM_AUTH_HOTKEY they are signed, which is for this attempt only. */
must_use bool platform_headers(const struct platform *p, const struct platform_request *r,
			       enum platform_auth auth, const unsigned char *body_hash,
			       struct strings *out, struct error *err);
/* The same to be shown: values that are not known to be harmless are "<redacted>". */
void platform_header_show(const char *line, struct text *out);
/* The hash of a body, in one pass. */
must_use bool platform_body_hash(const struct http_body *body, unsigned char out[SHA256_BYTES],
				 struct error *err);

/* Any status is an answer. Failures as http_send() and sign_make(). */
must_use bool platform_send(const struct platform *p, const struct platform_request *r,
			    struct platform_answer *out, struct error *err);

/* --- what an answer means */

/* The failure that an answer other than 2xx is, with the server's words as one quoted field; for
 * 401 also how far the clocks are apart. False. */
bool platform_fail(const struct platform *p, const struct platform_request *r,
		   const struct platform_answer *a, struct error *err);
/* The body of a success. SERVER when it is no JSON. */
must_use bool platform_json(const struct platform_request *r, const struct platform_answer *a,
			    struct json **out, struct error *err);
/* By how many seconds our clock is ahead of the server's, whose answer just came. False: it does
 * not say. */
bool platform_skew(const struct http_answer *a, int64_t *seconds);
/* "this clock is 5 minutes behind the server's" */
void platform_skew_show(int64_t seconds, struct text *out);

/* --- internals that tests look at */

/* Is it worth asking again after this status? 408, 429, 502, 503, 504. */
bool platform_is_passing(int status);
/* Before retry `n` (0, 1 …): half a second, doubled each time; of that a random part. What the
 * server wishes (Retry-After, NULL: nothing) is waited for instead. */
uint64_t platform_retry_ms(unsigned n, const char *retry_after);

#endif
