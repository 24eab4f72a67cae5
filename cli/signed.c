/* SPDX-License-Identifier: MIT */
#include "cli/signed.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 256 * 1024 };

void signed_request_release(struct signed_request *r)
{
	free(r->target);
	*r = (struct signed_request){0};
}

/* As much as there is, at most PIECE bytes; less at the end only. */
static bool read_piece(int fd, char *bytes, size_t *len, struct error *err)
{
	for (*len = 0; *len < PIECE;) {
		ssize_t n = read(fd, bytes + *len, PIECE - *len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(err, "reading");
		if (n == 0)
			return true;
		*len += (size_t)n;
	}
	return true;
}

static bool hash_stream(int fd, unsigned char out[SHA256_BYTES], struct error *err)
{
	auto_free char *bytes = xcalloc(PIECE, 1);
	size_t len;

	if (!read_piece(fd, bytes, &len, err))
		return false;
	/* most bodies are small, and this starts at once */
	if (len < PIECE) {
		sha256_of(bytes, len, out);
		return true;
	}
	auto_sha256 struct sha256 *hash = sha256_new();

	while (len) {
		sha256_update(hash, bytes, len);
		if (!read_piece(fd, bytes, &len, err))
			return false;
	}
	sha256_finish(hash, out);
	return true;
}

static bool hash_file(const char *path, unsigned char out[SHA256_BYTES], struct error *err)
{
	auto_fd int fd = -1;

	return file_open_stream(path, &fd, err) && input_check_ends(fd, path, err) &&
	       (hash_stream(fd, out, err) || fail_in(err, "--body '%s'", path));
}

static bool fail_rule(enum sign_rule rule, const struct sign_request *r, struct error *err)
{
	if (rule == SIGN_RULE_NO_HOTKEY) {
		fail(err, ERROR_AUTH, "the platform takes no hotkey for %s %s", r->method,
		     r->target);
		return fail_hint(err, "it wants an API key there; where you know its purpose, name "
				      "it with --purpose");
	}
	if (rule == SIGN_RULE_PUBLIC)
		return fail(err, ERROR_USAGE,
			    "%s %s is open to everybody: nothing is signed for it", r->method,
			    r->target);
	return fail(err, ERROR_USAGE, "%s %s is signed in a way of its own, with the fingerprint",
		    r->method, r->target);
}

/* Is it the body that scheme 'chutes' signs? Else the purpose is found. */
static bool choose_chutes(const struct signed_options *o, struct sign_request *r, bool *with_body,
			  struct error *err)
{
	if (o->purpose && o->body) {
		fail(err, ERROR_USAGE, "--purpose and --body exclude each other");
		return fail_hint(err, "a request is signed with one of them: leave out --purpose "
				      "for POST, PUT and PATCH, else --body");
	}
	r->purpose = o->purpose;
	*with_body = o->body || sign_method_has_body(r->method);
	if (o->purpose)
		*with_body = false;
	else if (r->target) {
		enum sign_rule rule = sign_rule_find(r->method, r->target, &r->purpose);

		*with_body = rule == SIGN_RULE_BODY;
		if (rule != SIGN_RULE_BODY && rule != SIGN_RULE_PURPOSE)
			return fail_rule(rule, r, err);
	} else if (!*with_body) {
		fail(err, ERROR_USAGE, "what is signed is not said");
		return fail_hint(err, "give --body or --purpose, or --url for the platform's rule");
	}
	return true;
}

static bool check_btauth(const struct signed_options *o, struct error *err)
{
	if (o->purpose) {
		fail(err, ERROR_USAGE, "--purpose is for scheme 'chutes'");
		return fail_hint(err, "'btauth' signs method, address and body: leave it out");
	}
	if (!o->url) {
		fail(err, ERROR_USAGE, "scheme 'btauth' signs where the request goes");
		return fail_hint(err, "give the address with --url");
	}
	return true;
}

bool signed_request_read(const struct signed_options *o, enum sign_scheme scheme,
			 struct signed_request *out, struct error *err)
{
	struct sign_request *r = &out->request;
	bool is_path = o->url && o->url[0] == '/';
	bool with_body = true;

	r->method = o->method ? o->method : o->body ? "POST" : "GET";
	if (is_path)
		out->target = xstrdup(o->url);
	else if (o->url && !sign_url_target(o->url, &out->target, err))
		return false;
	r->target = out->target;
	if (scheme == SIGN_CHUTES ? !choose_chutes(o, r, &with_body, err) : !check_btauth(o, err))
		return false;
	/* what is not there is an empty body, for both schemes */
	sha256_of("", 0, out->body_hash);
	if (o->body && !hash_file(o->body, out->body_hash, err))
		return false;
	if (with_body)
		r->body_hash = out->body_hash;
	return true;
}
