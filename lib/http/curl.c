/* SPDX-License-Identifier: MIT */
#include "lib/http/curl_internal.h"

#include "lib/base/library.h"

#include <pthread.h>

struct curl_functions libcurl;

static const struct library_function functions[] = {
	{"curl_global_init", &libcurl.global_init},
	{"curl_easy_init", &libcurl.easy_init},
	{"curl_easy_cleanup", &libcurl.easy_cleanup},
	{"curl_easy_reset", &libcurl.easy_reset},
	{"curl_easy_setopt", &libcurl.easy_setopt},
	{"curl_easy_getinfo", &libcurl.easy_getinfo},
	{"curl_easy_strerror", &libcurl.easy_strerror},
	{"curl_multi_init", &libcurl.multi_init},
	{"curl_multi_cleanup", &libcurl.multi_cleanup},
	{"curl_multi_add_handle", &libcurl.multi_add},
	{"curl_multi_remove_handle", &libcurl.multi_remove},
	{"curl_multi_perform", &libcurl.multi_perform},
	{"curl_multi_poll", &libcurl.multi_poll},
	{"curl_multi_info_read", &libcurl.multi_info},
	{"curl_slist_append", &libcurl.slist_append},
	{"curl_slist_free_all", &libcurl.slist_free},
	{"curl_url", &libcurl.url_new},
	{"curl_url_set", &libcurl.url_set},
	{"curl_url_get", &libcurl.url_get},
	{"curl_url_cleanup", &libcurl.url_free},
	{"curl_free", &libcurl.free},
};

static bool is_open;

static void open_library(void)
{
	is_open = library_open("libcurl.so.4", functions, array_len(functions)) &&
		  libcurl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

bool curl_open(struct error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, open_library);
	if (is_open)
		return true;
	fail(err, ERROR_MISSING, "libcurl.so.4 cannot be used");
	return fail_hint(err, "install the package libcurl4");
}
