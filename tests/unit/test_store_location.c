/* SPDX-License-Identifier: MIT */
#include "lib/store/location.h"

#include "lib/base/memory.h"
#include "tests/unit/tap.h"

TEST(names)
{
	static const struct {
		const char *from;
		const char *found;
		const char *name;
	} rows[] = {
		{"oci:dir", NULL, NULL},
		{"oci:a/hello/", "1.0", "hello:1.0"},
		{"oci-archive:a/hello.tar.gz", "1.0", "hello:1.0"},
		{"oci-archive:-", "1.0", NULL},
		{"oci:dir", "hello:1", "hello:1"},
		{"oci:dir", "me/hello", "me/hello:latest"},
		{"oci:dir", "a b:1", NULL},
		{"oci:Dir", "1", NULL},
		{"docker-archive:x.tar", "docker.io/library/hello:1", "hello:1"},
		{"docker-archive:x.tar", "docker.io/me/hello:1", "me/hello:1"},
		{"docker-archive:x.tar", "localhost/hello:1", "localhost/hello:1"},
		{"docker-archive:x.tar", "hello", "hello:latest"},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		auto_image_location from = {0};
		struct error err;

		CHECK(image_location_parse(rows[i].from, &from, &err) == 1);
		auto_free char *name = image_location_name(&from, rows[i].found);

		CHECK(!name == !rows[i].name);
		if (name && rows[i].name)
			CHECK_TEXT(name, rows[i].name);
	}
}
