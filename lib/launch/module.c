/* SPDX-License-Identifier: MIT
 * What a handlers chute needs beside its image: its code and the SDK. Both are copied, so that a
 * checkout that only its owner may read still serves under the image's user.
 */
#include "lib/launch/launch.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "lib/lower/codegen.h"

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

static bool write_module(const struct launch_options *o, const char *directory, struct error *err)
{
	auto_free struct field_pair *pairs = NULL;
	const struct spec copy = without_overridden(o, &pairs);
	const struct spec *spec = &copy;
	auto_free char *source = path_join(spec->directory, spec->handlers.file);
	auto_free char *code = path_join(directory, "code");
	auto_free char *target = path_join(code, path_name(spec->handlers.file));
	auto_text user_code = {0};
	auto_text module = {0};
	struct codegen_names names = {
		.version = o->version, .username = "local", .image = o->image};

	return file_read(source, SDK_FILE_LIMIT, &user_code, err) &&
	       codegen_module(spec, &user_code, &names, &module, err) &&
	       directory_make(code, 0755, err) &&
	       file_create(target, text_str(&module), module.len, 0644, err);
}

static bool is_code(const char *name)
{
	return text_ends_with(name, ".py") || text_ends_with(name, ".typed");
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

bool module_write(const struct launch_options *o, const char *directory, struct error *err)
{
	auto_free char *share = NULL;
	auto_free char *sdk = path_join(directory, "sdk");

	if (!path_share(&share, err))
		return false;
	auto_free char *source = path_join(share, "lib/sdk");

	return write_module(o, directory, err) && copy_directory(source, sdk, 0, err);
}
