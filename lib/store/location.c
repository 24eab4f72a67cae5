/* SPDX-License-Identifier: MIT */
#include "lib/store/location.h"

#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"
#include "lib/oci/oci.h"

#include <string.h>

void image_location_release(struct image_location *source)
{
	free(source->path);
	free(source->tag);
	*source = (struct image_location){0};
}

int image_location_parse(const char *text, struct image_location *out, struct error *err)
{
	static const char *const words[] = {[LOCATION_OCI] = "oci:",
					    [LOCATION_OCI_ARCHIVE] = "oci-archive:",
					    [LOCATION_DOCKER_ARCHIVE] = "docker-archive:"};

	for (size_t i = 0; i < array_len(words); i++) {
		if (!text_starts_with(text, words[i]))
			continue;
		const char *path = text + strlen(words[i]);
		size_t len = strcspn(path, ":");

		if (len == 0) {
			fail(err, ERROR_USAGE, "'%s' names no path", text);
			fail_hint(err, "write %sPATH or %sPATH:TAG", words[i], words[i]);
			return -1;
		}
		const char *tag = path[len] && path[len + 1] ? path + len + 1 : NULL;

		while (len > 1 && path[len - 1] == '/')
			len--;
		*out = (struct image_location){
			.kind = (enum location_kind)i,
			.path = xstrndup(path, len),
			.tag = tag ? xstrdup(tag) : NULL,
		};
		return 1;
	}
	return 0;
}

/* A name with a tag when it is a reference; NULL otherwise. */
static char *whole_name(const char *name)
{
	static const char *const hosts[] = {"docker.io/library/", "docker.io/"};
	auto_reference r = {0};
	struct error ignored; /* then it is no name */

	for (size_t i = 0; i < array_len(hosts); i++)
		if (text_starts_with(name, hosts[i]))
			name += strlen(hosts[i]);
	if (!reference_parse(name, &r, &ignored) || digest_is_set(&r.digest))
		return NULL;
	return r.tag ? xstrdup(name) : xprintf("%s:latest", name);
}

/* "dir/hello.tar.gz" is "hello". */
static char *stem(const char *path)
{
	static const char *const ends[] = {".gz", ".zst", ".tgz", ".tar", ".oci"};
	auto_free char *clean = path_clean(path);
	char *name = xstrdup(path_name(clean));

	for (size_t i = 0; i < array_len(ends); i++)
		if (text_ends_with(name, ends[i]))
			name[strlen(name) - strlen(ends[i])] = '\0';
	return name;
}

char *image_location_name(const struct image_location *from, const char *found)
{
	if (!found)
		return NULL;
	if (from->kind == LOCATION_DOCKER_ARCHIVE || strpbrk(found, ":/"))
		return whole_name(found);
	auto_free char *name = stem(from->path);
	auto_free char *full = xprintf("%s:%s", name, found);

	return whole_name(full);
}
