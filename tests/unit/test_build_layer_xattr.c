/* SPDX-License-Identifier: MIT */
#include "lib/build/layer.h"

#include "tests/unit/tap.h"

TEST(which_are_kept)
{
	static const struct {
		const char *name;
		bool is_kept;
	} cases[] = {
		{"security.capability", true},
		{"user.mime_type", true},
		{"user.overlaid", true},
		{"user.overlay.opaque", false},
		{"user.fuseoverlayfs.opaque", false},
		{"user.containers.override_stat", false},
		{"user.chutes.note", false},
		{"trusted.overlay.opaque", false},
		{"trusted.any", false},
		{"security.selinux", false},
		{"security.ima", false},
		{"security.evm", false},
		{"security.apparmor", false},
		{"system.posix_acl_access", false},
		{"", false},
	};

	for (size_t i = 0; i < array_len(cases); i++)
		if (!CHECK(layer_keeps_xattr(cases[i].name) == cases[i].is_kept))
			printf("#   %s\n", cases[i].name);
}

TEST(capability_versions)
{
	/* cap_net_raw+ep, as setcap writes it: version, permitted, inheritable, twice */
	static const unsigned char v2[20] = {1, 0, 0, 2, 0, 0x20};
	static const unsigned char v3[24] = {1, 0, 0, 3, 0, 0x20, [20] = 0x80, 0x84, 0x1e, 0};
	static const unsigned char v1[12] = {1, 0, 0, 1, 0, 0x20};
	unsigned char got[LAYER_CAPABILITY_BYTES];

	CHECK(layer_capability(v2, 20, got) && memcmp(got, v2, 20) == 0);
	CHECK(layer_capability(v3, 24, got) && memcmp(got, v2, 20) == 0);
	CHECK(!layer_capability(v2, 19, got));
	CHECK(!layer_capability(v3, 20, got));
	CHECK(!layer_capability(v1, 12, got));
	CHECK(!layer_capability(v2, 3, got));
}
