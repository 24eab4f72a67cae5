/* SPDX-License-Identifier: MIT */
#include "lib/build/image_cuda.h"

#include "lib/base/inside.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/strings.h"
#include "lib/base/text.h"
#include "lib/build/image_look.h"
#include "lib/data/json.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JSON_LIMIT = 1 << 20, NVCC_LIMIT = 128 << 20 };

/* "12.4.1" at the beginning of `text`: at least major and minor. */
static bool parse(const char *text, const char *place, struct cuda_version *out)
{
	struct cuda_version v = {0};
	char *end;
	size_t len = strspn(text, "0123456789.");

	while (len > 0 && text[len - 1] == '.')
		len--;
	if (!isdigit((unsigned char)*text) || len >= sizeof(v.text))
		return false;
	v.major = (int)strtol(text, &end, 10);
	if (*end != '.' || !isdigit((unsigned char)end[1]) || v.major < 1 || v.major > 99)
		return false;
	v.minor = (int)strtol(end + 1, NULL, 10);
	snprintf(v.text, sizeof(v.text), "%.*s", (int)len, text);
	snprintf(v.place, sizeof(v.place), "%s", place);
	*out = v;
	return true;
}

static bool read_version_json(int root_fd, const char *path, struct cuda_version *out)
{
	auto_text file = {0};
	auto_json struct json *document = NULL;
	struct error ignored; /* a file that cannot be read tells nothing */

	if (inside_read(root_fd, path, JSON_LIMIT, &file, &ignored) != 1 ||
	    !json_parse(text_str(&file), file.len, JSON_LIMIT, &document, &ignored))
		return false;
	const char *version = json_text(json_find(json_find(document, "cuda"), "version"));

	return version && parse(version, path, out);
}

/* The line that `nvcc --version` prints lies in the program as it is printed. */
static bool read_nvcc(int root_fd, const char *path, struct cuda_version *out)
{
	static const char line[] = "Cuda compilation tools, release ";
	auto_text file = {0};
	struct error ignored;

	if (inside_read(root_fd, path, NVCC_LIMIT, &file, &ignored) != 1 || file.len == 0)
		return false;
	const char *found = memmem(file.bytes, file.len, line, strlen(line));

	return found && parse(found + strlen(line), path, out);
}

/* "libcudart.so.12.4.127"; a link of that name will do, its target has the longest. */
static bool read_runtime(int root_fd, const char *path, struct cuda_version *out)
{
	auto_free char *real = image_real_path(root_fd, path);
	const char *name = real ? path_name(real) : "";

	return text_starts_with(name, "libcudart.so.") &&
	       parse(name + strlen("libcudart.so."), real, out);
}

/* "nvidia_cuda_runtime_cu12-12.4.127.dist-info" */
static bool read_package(maybe_unused int root_fd, const char *path, struct cuda_version *out)
{
	const char *dash = strchr(path_name(path), '-');

	return dash && parse(dash + 1, path, out);
}

static bool read_environment(const struct image_config *config, struct cuda_version *out)
{
	const char *version = strings_env_find(&config->env, "CUDA_VERSION");
	const char *needed = strings_env_find(&config->env, "NVIDIA_REQUIRE_CUDA");

	if (needed && text_starts_with(needed, "cuda>=") &&
	    parse(needed + strlen("cuda>="), "NVIDIA_REQUIRE_CUDA", out))
		return true;
	return version && parse(version, "CUDA_VERSION", out);
}

bool image_cuda_find(int root_fd, const struct image_config *config, struct cuda_version *out)
{
	static const struct {
		const char *pattern;
		bool (*read)(int root_fd, const char *path, struct cuda_version *out);
	} places[] = {
		/* of several toolkits, "cuda" is the link to the one in use */
		{"/usr/local/cuda/version.json", read_version_json},
		{"/usr/local/cuda-*/version.json", read_version_json},
		{"/usr/local/cuda/bin/nvcc", read_nvcc},
		{"/usr/local/cuda-*/bin/nvcc", read_nvcc},
		{"/usr/bin/nvcc", read_nvcc},
		{"/usr/local/cuda*/lib64/libcudart.so*", read_runtime},
		{"/usr/local/cuda*/targets/*/lib/libcudart.so*", read_runtime},
		{"/usr/lib/x86_64-linux-gnu/libcudart.so*", read_runtime},
		{"/usr/lib/python3*/*-packages/nvidia_cuda_runtime*.dist-info", read_package},
		{"/usr/local/lib/python3*/*-packages/nvidia_cuda_runtime*.dist-info", read_package},
		{"/opt/*/lib/python3*/site-packages/nvidia_cuda_runtime*.dist-info", read_package},
		{"/home/*/.local/lib/python3*/site-packages/nvidia_cuda_runtime*.dist-info",
		 read_package},
		{"/app/*/lib/python3*/site-packages/nvidia_cuda_runtime*.dist-info", read_package},
	};

	for (size_t i = 0; i < array_len(places); i++) {
		auto_strings found = {0};

		image_glob(root_fd, places[i].pattern, &found);
		for (size_t k = 0; k < found.n; k++)
			if (places[i].read(root_fd, found.items[k], out))
				return true;
	}
	return read_environment(config, out);
}

char *image_cuda_driver(int root_fd)
{
	/* not the toolkit's stubs, which are for linking, nor its compat/, which the container
	 * runtime puts in front only where the machine's driver is older */
	static const char *const patterns[] = {
		"/usr/lib/x86_64-linux-gnu/libcuda.so*",
		"/usr/lib/x86_64-linux-gnu/libnvidia-ml.so*",
		"/usr/lib/x86_64-linux-gnu/libnvidia-ptxjitcompiler.so*",
		"/usr/lib64/libcuda.so*",
		"/usr/lib64/libnvidia-ml.so*",
		"/usr/lib/libcuda.so*",
		"/usr/local/lib/libcuda.so*",
		"/usr/local/nvidia/lib*/libcuda.so*",
	};

	for (size_t i = 0; i < array_len(patterns); i++) {
		auto_strings found = {0};

		image_glob(root_fd, patterns[i], &found);
		for (size_t k = 0; k < found.n; k++) {
			/* an empty file is where a container once had the machine's mounted */
			if (image_file_size(root_fd, found.items[k]) <= 0)
				continue;
			char *path = found.items[k];

			found.items[k] = found.items[--found.n];
			return path;
		}
	}
	return NULL;
}
