/* SPDX-License-Identifier: MIT
 * What a chute of Python needs beside its image: its code and the SDK. Both are copied, so that a
 * checkout that only its owner may read still serves under the image's user.
 */
#include "lib/launch/launch_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "lib/lower/lower.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { SDK_FILE_LIMIT = 1 << 20, SDK_DEPTH_LIMIT = 4 };

static bool is_overridden(const struct launch_options *o, const char *name)
{
	const struct field_pairs *dev = &o->spec->dev.env;

	for (size_t i = 0; i < dev->n; i++)
		if (strcmp(dev->items[i].name, name) == 0)
			return true;
	return strings_env_find(o->env, name) != NULL;
}

/* The module sets the spec's `env` when it is imported: what is set locally must win, so it is left
 * out of the copy. `pairs` are the caller's to free. */
static struct spec without_overridden(const struct launch_options *o, struct field_pair **pairs)
{
	struct spec spec = *o->spec;

	*pairs = xcalloc(spec.env.n, sizeof(**pairs));
	spec.env = (struct field_pairs){.items = *pairs};
	for (size_t i = 0; i < o->spec->env.n; i++)
		if (!is_overridden(o, o->spec->env.items[i].name))
			(*pairs)[spec.env.n++] = o->spec->env.items[i];
	return spec;
}

/* "hello:3f9c0a1b22de" → "3f9c0a1b22de" */
static const char *tag_of(const char *image)
{
	const char *colon = image ? strrchr(image, ':') : NULL;

	return colon ? colon + 1 : "latest";
}

static bool write_code(const struct launch_options *o, const char *directory, char **target,
		       struct error *err)
{
	auto_free struct field_pair *pairs = NULL;
	const struct spec spec = without_overridden(o, &pairs);
	struct lower_names names = {o->version, "local", tag_of(o->image)};
	auto_free char *folder = path_join(directory, "code");
	auto_lowered_code lowered = {0};

	if (!lower_code(&spec, &names, &lowered, err) || !directory_make(folder, 0755, err))
		return false;
	auto_free char *file = path_join(folder, lowered.filename);

	if (!file_create(file, text_str(&lowered.code), lowered.code.len, 0644, err))
		return false;
	*target = xprintf("%s%s", lowered.filename, strchr(lowered.ref_str, ':'));
	return true;
}

static bool is_code(const char *name)
{
	return text_ends_with(name, ".py") || text_ends_with(name, ".json");
}

/* NOLINTNEXTLINE(misc-no-recursion): SDK_DEPTH_LIMIT */
static bool copy_directory(const char *from, const char *to, int depth, struct error *err)
{
	auto_fd int fd = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_strings names = {0};

	if (fd < 0)
		return fail_errno(err, "opening '%s'", from);
	if (!directory_list(fd, &names, err) || !directory_make(to, 0755, err))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		auto_free char *source = path_join(from, names.items[i]);
		auto_free char *target = path_join(to, names.items[i]);
		auto_text bytes = {0};

		if (directory_exists(source)) {
			if (depth < SDK_DEPTH_LIMIT && strcmp(names.items[i], "__pycache__") != 0 &&
			    !copy_directory(source, target, depth + 1, err))
				return false;
		} else if (is_code(source) &&
			   (!file_read(source, SDK_FILE_LIMIT, &bytes, err) ||
			    !file_create(target, text_str(&bytes), bytes.len, 0644, err))) {
			return false;
		}
	}
	return true;
}

bool module_write(const struct launch_options *o, const char *directory, char **target,
		  struct error *err)
{
	static const struct {
		const char *from;
		const char *to;
	} parts[] = {{"lib/sdk/chutes_run", "runner"}, {"lib/sdk/chutes", "sdk"}};
	auto_free char *share = NULL;
	auto_free char *written = NULL;

	if (!path_share(&share, err) || !write_code(o, directory, &written, err))
		return false;
	for (size_t i = 0; i < array_len(parts); i++) {
		auto_free char *from = path_join(share, parts[i].from);
		auto_free char *folder = path_join(directory, parts[i].to);
		auto_free char *to = path_join(folder, path_name(from));

		if (!directory_make(folder, 0755, err) || !copy_directory(from, to, 0, err))
			return false;
	}
	*target = take(written);
	return true;
}
