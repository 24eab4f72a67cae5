/* SPDX-License-Identifier: MIT */
#include "lib/base/loopback.h"

#include "tests/unit/tap.h"

TEST(which_hosts_are_this_machine)
{
	static const struct {
		const char *host;
		bool is_loopback;
	} cases[] = {
		{"localhost", true},
		{"LocalHost", true},
		{"a.localhost", true},
		{"127.0.0.1", true},
		{"127.0.0.53", true},
		{"::1", true},
		{"[::1]", true},
		{"", false},
		{".localhost", false},
		{"notlocalhost", false},
		{"localhost.example", false},
		{"127.1", true},
		{"127.255.255.255", true},
		{"127.", false},
		{"127.0.0.256", false},
		{"127.0.0.1.", false},
		{"127.0.0.1.1", false},
		{"127.0.0.0000000001", false},
		{"127.0.0.1.example", false},
		{"1.127.0.1", false},
		{"::2", false},
		{"0.0.0.0", false},
	};

	for (size_t i = 0; i < array_len(cases); i++)
		if (!CHECK(host_is_loopback(cases[i].host, strlen(cases[i].host)) ==
			   cases[i].is_loopback))
			printf("#   '%s'\n", cases[i].host);
}

TEST(the_port_does_not_count)
{
	CHECK(address_is_loopback("127.0.0.1:8000") && address_is_loopback("[::1]:0"));
	CHECK(address_is_loopback("localhost:8000") && address_is_loopback("127.0.0.1"));
	CHECK(!address_is_loopback("0.0.0.0:127") && !address_is_loopback("[::]:8000"));
}
