/* SPDX-License-Identifier: MIT
 * libcurl.so.4, opened when first used.
 */
#ifndef CHUTES_HTTP_CURL_INTERNAL_H
#define CHUTES_HTTP_CURL_INTERNAL_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

#include <curl/curl.h>

/* What we use of libcurl.so.4, with the types of its own headers. */
struct curl_functions {
	__typeof__(curl_global_init) *global_init;
	__typeof__(curl_easy_init) *easy_init;
	__typeof__(curl_easy_cleanup) *easy_cleanup;
	__typeof__(curl_easy_reset) *easy_reset;
	__typeof__(curl_easy_setopt) *easy_setopt;
	__typeof__(curl_easy_getinfo) *easy_getinfo;
	__typeof__(curl_easy_strerror) *easy_strerror;
	__typeof__(curl_multi_init) *multi_init;
	__typeof__(curl_multi_cleanup) *multi_cleanup;
	__typeof__(curl_multi_add_handle) *multi_add;
	__typeof__(curl_multi_remove_handle) *multi_remove;
	__typeof__(curl_multi_perform) *multi_perform;
	__typeof__(curl_multi_poll) *multi_poll;
	__typeof__(curl_multi_info_read) *multi_info;
	__typeof__(curl_slist_append) *slist_append;
	__typeof__(curl_slist_free_all) *slist_free;
	__typeof__(curl_url) *url_new;
	__typeof__(curl_url_set) *url_set;
	__typeof__(curl_url_get) *url_get;
	__typeof__(curl_url_cleanup) *url_free;
	__typeof__(curl_free) *free;
};
extern struct curl_functions libcurl;

/* Fill `libcurl`, once. MISSING. */
must_use bool curl_open(struct error *err);

#endif
