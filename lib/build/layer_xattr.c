/* SPDX-License-Identifier: MIT */
#include "lib/build/layer.h"

#include "lib/base/text.h"

#include <endian.h>
#include <linux/capability.h>
#include <linux/xattr.h>
#include <string.h>

bool layer_keeps_xattr(const char *name)
{
	/* overlayfs, fuse-overlayfs, rootless podman and ourselves keep books in these */
	static const char *const not_users[] = {"user.overlay.", "user.fuseoverlayfs.",
						"user.containers.", "user.chutes."};

	if (strcmp(name, XATTR_NAME_CAPS) == 0)
		return true;
	for (size_t i = 0; i < array_len(not_users); i++)
		if (text_starts_with(name, not_users[i]))
			return false;
	return text_starts_with(name, "user.");
}

bool layer_capability(const void *value, size_t size, unsigned char out[LAYER_CAPABILITY_BYTES])
{
	uint32_t magic;

	if (size < sizeof(magic))
		return false;
	memcpy(&magic, value, sizeof(magic));
	magic = le32toh(magic);
	uint32_t revision = magic & VFS_CAP_REVISION_MASK;

	if (!(revision == VFS_CAP_REVISION_2 && size == XATTR_CAPS_SZ_2) &&
	    !(revision == VFS_CAP_REVISION_3 && size == XATTR_CAPS_SZ_3))
		return false;
	magic = htole32(VFS_CAP_REVISION_2 | (magic & VFS_CAP_FLAGS_EFFECTIVE));
	memcpy(out, value, LAYER_CAPABILITY_BYTES);
	memcpy(out, &magic, sizeof(magic));
	return true;
}
