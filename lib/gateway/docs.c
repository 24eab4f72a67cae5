/* SPDX-License-Identifier: MIT */
#include "lib/gateway/docs.h"

#include "lib/base/text.h"
#include "lib/serve/serve.h"

/* docs/page.py: page.html with its style and script, and the policy that allows just those. */
extern const unsigned char docs_page[];
extern const size_t docs_page_len;
extern const unsigned char docs_policy[];
extern const size_t docs_policy_len;

bool docs_answer(struct reply *reply, struct error *err)
{
	auto_text policy = {0};

	text_add_bytes(&policy, docs_policy, docs_policy_len);
	reply_header(reply, "Content-Security-Policy", text_str(&policy));
	reply_header(reply, "X-Content-Type-Options", "nosniff");
	reply_header(reply, "Referrer-Policy", "no-referrer");
	reply_header(reply, "Cache-Control", "no-cache");
	return reply_send(reply, 200, "text/html; charset=utf-8", docs_page, docs_page_len, err);
}
