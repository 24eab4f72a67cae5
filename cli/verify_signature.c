/* SPDX-License-Identifier: MIT
 * chutes verify-signature: would a server take this? Needs neither a key nor a configuration.
 */
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/signed.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/time.h"

#include <string.h>

enum { HEADERS_MAX = 64 * 1024, NS_PER_S = 1000000000 };

struct verify_options {
	struct signed_options request;
	const char *headers;
	const char *hotkey;
	const char *nonce;
	const char *signature;
	const char *receiver;
	bool any_time;
};
static const struct option_row rows[] = {
	OPT(0, "headers", TEXT, verify_options, headers, "FILE",
	    "the headers, as 'chutes sign' prints them; '-' is standard input"),
	OPT(0, "hotkey", TEXT, verify_options, hotkey, "SS58", "who signed, without --headers"),
	OPT(0, "nonce", TEXT, verify_options, nonce, "N", "when, without --headers"),
	OPT(0, "signature", TEXT, verify_options, signature, "HEX",
	    "the signature, without --headers"),
	OPT(0, "receiver", TEXT, verify_options, receiver, "SS58",
	    "the server's key, which makes it scheme 'btauth' without --headers"),
	SIGNED_ROWS(verify_options),
	OPT(0, "any-time", FLAG, verify_options, any_time, NULL,
	    "also one that is too old, or of the future, for a server"),
	OPT_END};

/* A line without its end, the next one; false at the end of the text. */
static bool next_line(const char **at, struct slice *out)
{
	if (!**at)
		return false;
	*out = (struct slice){*at, strcspn(*at, "\n")};
	*at += out->len + ((*at)[out->len] == '\n');
	if (out->len && out->at[out->len - 1] == '\r')
		out->len--;
	return true;
}

static struct slice trim(struct slice s)
{
	while (s.len && strchr(" \t", s.at[0]))
		s = (struct slice){s.at + 1, s.len - 1};
	while (s.len && strchr(" \t", s.at[s.len - 1]))
		s.len--;
	return s;
}

static bool read_headers(const char *path, struct text *text, struct sign_headers *out,
			 struct error *err)
{
	struct slice line;
	size_t number = 0;

	if (!file_read(path, HEADERS_MAX, text, err))
		return fail_in(err, "--headers");
	if (memchr(text_str(text), '\0', text->len))
		return fail(err, ERROR_USAGE, "--headers: '%s' is no text", path);
	for (const char *at = text_str(text); next_line(&at, &line);) {
		const char *colon = line.len ? memchr(line.at, ':', line.len) : NULL;

		number++;
		if (!line.len)
			continue;
		if (!colon || colon == line.at) {
			fail(err, ERROR_USAGE, "--headers: line %zu is no 'Name: value'", number);
			return fail_hint(err, "give the lines that 'chutes sign' prints");
		}
		struct slice name = {line.at, (size_t)(colon - line.at)};
		struct slice value = {colon + 1, line.len - name.len - 1};

		if (!sign_headers_add(out, name, trim(value), err))
			return false;
	}
	return true;
}

static void set_header(struct sign_headers *headers, enum sign_header header, const char *value)
{
	headers->values[header] = (struct slice){value, strlen(value)};
}

static bool take_options(const struct verify_options *o, struct sign_headers *out,
			 struct error *err)
{
	if (!o->hotkey || !o->nonce || !o->signature) {
		fail(err, ERROR_USAGE, "--hotkey, --nonce and --signature are needed together");
		return fail_hint(err, "or give the headers of a request with --headers");
	}
	if (!o->receiver) {
		set_header(out, SIGN_HEADER_CHUTES_HOTKEY, o->hotkey);
		set_header(out, SIGN_HEADER_CHUTES_NONCE, o->nonce);
		set_header(out, SIGN_HEADER_CHUTES_SIGNATURE, o->signature);
		return true;
	}
	set_header(out, SIGN_HEADER_BTAUTH_VERSION, "1");
	set_header(out, SIGN_HEADER_BTAUTH_HOTKEY, o->hotkey);
	set_header(out, SIGN_HEADER_BTAUTH_NONCE, o->nonce);
	set_header(out, SIGN_HEADER_BTAUTH_SIGNATURE, o->signature);
	set_header(out, SIGN_HEADER_BTAUTH_RECEIVER, o->receiver);
	return true;
}

/* Headers lie in `text`. */
static bool read_claim(const struct verify_options *o, struct text *text, struct sign_claim *out,
		       struct error *err)
{
	struct sign_headers headers = {0};
	int found = 0;

	if (!o->headers)
		return take_options(o, &headers, err) && sign_claim_parse(&headers, out, err) == 1;
	if (o->hotkey || o->nonce || o->signature)
		return fail(err, ERROR_USAGE,
			    "--headers excludes --hotkey, --nonce and --signature, which it has");
	if (strcmp(o->headers, "-") == 0 && o->request.body && strcmp(o->request.body, "-") == 0)
		return fail(err, ERROR_USAGE, "--body and --headers cannot both be standard input");
	if (!read_headers(o->headers, text, &headers, err))
		return false;
	found = sign_claim_parse(&headers, out, err);
	return found == 0 ? fail(err, ERROR_AUTH, "no header of these signs anything") : found > 0;
}

/* Whom it is for: whoever the headers name, unless somebody is named here. */
static bool find_server(const struct verify_options *o, const struct sign_claim *claim,
			unsigned char out[SR25519_PUBLIC_BYTES], struct error *err)
{
	memcpy(out, claim->receiver, SR25519_PUBLIC_BYTES);
	if (o->receiver && claim->scheme == SIGN_CHUTES)
		return fail(err, ERROR_USAGE,
			    "--receiver is for scheme 'btauth': 'chutes' does not sign whom it is "
			    "for");
	return !o->receiver || ss58_parse_key(o->receiver, out, err) || fail_in(err, "--receiver");
}

/* With scheme 'chutes' as the platform takes it, from wallets in browsers too. */
static bool check(const struct verify_options *o, const struct sign_claim *claim, bool *is_wrapped,
		  struct error *err)
{
	unsigned char server[SR25519_PUBLIC_BYTES];
	auto_signed_request r = {0};
	struct error ignored; /* it is the first that is told */

	if (!find_server(o, claim, server, err) ||
	    !signed_request_read(&o->request, claim->scheme, &r, err))
		return false;
	if (sign_claim_check(claim, &r.request, server, err))
		return true;
	*is_wrapped = sign_claim_check_wrapped(claim, &r.request, &ignored);
	return *is_wrapped ||
	       fail_hint(err, "what is signed is %s, as it was sent",
			 claim->scheme == SIGN_BTAUTH ? "method, address and body, and for whom"
			 : r.request.purpose          ? "the purpose, in place of a body"
						      : "the body, to the last byte");
}

static void show(const struct sign_claim *claim, bool is_wrapped, int64_t now_ns)
{
	struct json_out *j = print_result();
	int64_t age_s = (now_ns - claim->nonce_ns) / NS_PER_S;
	auto_text when = {0};
	auto_text age = {0};

	text_add_time(&when, claim->nonce_ns / NS_PER_S);
	text_add_age(&age, (uint64_t)(age_s < 0 ? -age_s : age_s));
	if (j) {
		json_out_text(j, "hotkey", claim->hotkey);
		json_out_text(j, "scheme", sign_scheme_name(claim->scheme));
		json_out_text(j, "signed_at", text_str(&when));
		json_out_number(j, "age_seconds", age_s);
		json_out_bool(j, "wrapped", is_wrapped);
		return;
	}
	print_line("signed by %s", claim->hotkey);
	print_line("%s, %s %s", text_str(&when), text_str(&age), age_s < 0 ? "from now" : "ago");
	if (is_wrapped)
		print_line("as wallets in browsers sign it, between <Bytes> and </Bytes>");
}

static bool run(struct call *call, struct error *err)
{
	const struct verify_options *o = call->options;
	int64_t now_ns = clock_unix_ns();
	auto_text text = {0};
	struct sign_claim claim = {0};
	bool is_wrapped = false;

	if (!read_claim(o, &text, &claim, err) || !check(o, &claim, &is_wrapped, err))
		return false;
	if (!o->any_time && !sign_claim_check_time(&claim, now_ns, err)) {
		fail_in(err, "the signature itself holds");
		return fail_hint(err, "with --any-time it does not matter when");
	}
	show(&claim, is_wrapped, now_ns);
	return true;
}

const struct command command_verify_signature = {
	.name = "verify-signature",
	.summary = "check who signed a request",
	.about = "Checks the signature of a request as a server does, and says who made it and\n"
		 "when. What was signed is described as with 'chutes sign': by the body, by the\n"
		 "purpose, or by the address; scheme 'btauth' always needs the --url. Exit 4\n"
		 "when it does not hold, or is too old for a server, which --any-time allows.",
	.options = rows,
	.options_size = sizeof(struct verify_options),
	.examples = {"chutes sign --purpose me | chutes verify-signature --purpose me --headers -",
		     "chutes verify-signature --headers h.txt --body request.json --any-time"},
	.exits = {ERROR_AUTH, ERROR_NOT_FOUND},
	.see_also = {"sign"},
	.group = GROUP_TOOLS,
	.run = run,
};
