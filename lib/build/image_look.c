/* SPDX-License-Identifier: MIT */
#include "lib/build/image_look.h"

#include "lib/base/glob.h"
#include "lib/base/inside.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_LIMIT = 40 };

static bool look(int root_fd, const char *path, struct stat *st)
{
	auto_fd int fd = inside_open(root_fd, path, O_PATH, 0);

	return fd >= 0 && fstat(fd, st) == 0;
}

int64_t image_file_size(int root_fd, const char *path)
{
	struct stat st;

	return look(root_fd, path, &st) && S_ISREG(st.st_mode) ? st.st_size : -1;
}

bool image_is_executable(int root_fd, const char *path)
{
	struct stat st;

	return look(root_fd, path, &st) && S_ISREG(st.st_mode) && st.st_mode & 0111;
}

char *image_program(int root_fd, const char *path, const char *name)
{
	auto_strings directories = {0};

	strings_split(&directories, path, ':');
	for (size_t i = 0; i < directories.n; i++) {
		auto_free char *full = xprintf("%s/%s", directories.items[i], name);

		if (directories.items[i][0] == '/' && image_is_executable(root_fd, full))
			return path_clean(full);
	}
	return NULL;
}

static void match_names(int root_fd, const char *directory, const char *pattern,
			struct strings *out)
{
	auto_fd int fd = inside_open(root_fd, directory, O_RDONLY | O_DIRECTORY, 0);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!d)
		return;
	fd = -1; /* belongs to d now */
	for (int i = 0; i < IMAGE_NAMES_LIMIT && (entry = readdir(d)); i++)
		if (entry->d_name[0] != '.' && out->n < IMAGE_MATCHES_LIMIT &&
		    glob_match(pattern, entry->d_name, GLOB_NAME))
			strings_addf(out, "%s/%s", directory, entry->d_name);
	closedir(d);
}

void image_glob(int root_fd, const char *pattern, struct strings *out)
{
	auto_strings components = {0};
	auto_strings found = {0};
	struct stat st;

	strings_split(&components, pattern + strspn(pattern, "/"), '/');
	strings_add(&found, "");
	for (size_t i = 0; i < components.n; i++) {
		const char *component = components.items[i];
		struct strings next = {0};

		for (size_t k = 0; k < found.n; k++)
			if (component[glob_literal_length(component)])
				match_names(root_fd, found.items[k], component, &next);
			else
				strings_addf(&next, "%s/%s", found.items[k], component);
		strings_release(&found);
		found = next;
	}
	strings_sort(&found);
	for (size_t i = 0; i < found.n; i++)
		if (look(root_fd, found.items[i], &st))
			strings_add(out, found.items[i]);
}

/* Only names matter here: links in the directories on the way stay as they are written. */
char *image_real_path(int root_fd, const char *path)
{
	auto_free char *at = xstrdup(path);
	struct stat st;

	for (int i = 0; i < LINKS_LIMIT; i++) {
		auto_free char *directory = path_directory(at);
		auto_fd int fd = inside_open(root_fd, directory, O_PATH | O_DIRECTORY, 0);
		char target[PATH_MAX];
		ssize_t len =
			fd < 0 ? -1 : readlinkat(fd, path_name(at), target, sizeof(target) - 1);

		if (len < 0)
			return look(root_fd, at, &st) ? take(at) : NULL;
		target[len] = '\0';
		auto_free char *joined = path_join(directory, target);

		free(at);
		at = path_clean(joined);
	}
	return NULL;
}
