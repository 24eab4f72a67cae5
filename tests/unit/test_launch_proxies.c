/* SPDX-License-Identifier: MIT */
#include "lib/launch/proxies.h"

#include "tests/unit/tap.h"

#include <stdlib.h>

static const char *const names[] = {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
				    "all_proxy",  "ALL_PROXY",  "no_proxy",    "NO_PROXY"};

static void forget_proxies(void)
{
	for (size_t i = 0; i < array_len(names); i++)
		unsetenv(names[i]);
}

TEST(none_is_none)
{
	auto_strings env = {0};

	forget_proxies();
	setenv("no_proxy", "lan", 1);
	proxies_add(&env);
	CHECK(env.n == 0);
}

TEST(what_the_chute_says_wins)
{
	auto_strings env = {0};

	forget_proxies();
	setenv("https_proxy", "http://proxy:3128", 1);
	setenv("no_proxy", "lan", 1);
	strings_env_set(&env, "HTTPS_PROXY", "http://mine:1");
	proxies_add(&env);
	CHECK_TEXT(strings_env_find(&env, "https_proxy"), "http://proxy:3128");
	CHECK_TEXT(strings_env_find(&env, "HTTPS_PROXY"), "http://mine:1");
	CHECK_TEXT(strings_env_find(&env, "no_proxy"), "lan,localhost,127.0.0.1,::1");
	CHECK(!strings_env_find(&env, "http_proxy"));
}

TEST(proxies_of_this_machine)
{
	static const struct {
		const char *url;
		const char *translated; /* NULL: it is elsewhere */
		uint16_t port;
	} cases[] = {
		{"http://127.0.0.1:3128", "http://H:3128", 3128},
		{"localhost:8080/", "H:8080/", 8080},
		{"http://u:p@127.0.0.9:1/x@y", "http://u:p@H:1/x@y", 1},
		{"http://localhost", "http://H", 80},
		{"http://proxy:3128", NULL, 0},
		{"http://localhost.lan:3128", NULL, 0},
		{"http://127.0.0.1@proxy:3128", NULL, 0},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_strings env = {0};
		uint16_t ports[2] = {0};
		bool is_local = cases[i].translated != NULL;

		strings_env_set(&env, "https_proxy", cases[i].url);
		strings_env_set(&env, "all_proxy", cases[i].url);
		CHECK(proxies_local_ports(&env, ports, 2) == is_local);
		CHECK(ports[0] == cases[i].port);
		proxies_translate(&env, "H");
		CHECK_TEXT(strings_env_find(&env, "https_proxy"),
			   is_local ? cases[i].translated : cases[i].url);
	}
}
