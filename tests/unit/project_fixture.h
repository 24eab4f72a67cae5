/* SPDX-License-Identifier: MIT
 * A project in a folder of its own: files, a spec with some lines, and what is found in it.
 */
#ifndef CHUTES_TESTS_PROJECT_FIXTURE_H
#define CHUTES_TESTS_PROJECT_FIXTURE_H

#include "lib/base/io.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "tests/unit/spec_fixture.h"

#include <sys/stat.h>
#include <unistd.h>

struct folder {
	char path[64];
};

static inline void folder_remove(struct folder *f)
{
	struct error ignored; /* what stays lies in /tmp */

	(void)!tree_remove_path(f->path, &ignored);
}
#define auto_folder __attribute__((cleanup(folder_remove))) struct folder

static inline struct folder folder_new(void)
{
	struct folder f = {"/tmp/chutes-test-XXXXXX"};

	if (!mkdtemp(f.path))
		abort();
	return f;
}

/* Write a file with `n` times `text`. */
static inline void folder_put(const struct folder *f, const char *name, const char *text, size_t n)
{
	auto_free char *path = path_join(f->path, name);
	auto_free char *directory = path_directory(path);
	auto_text all = {0};
	struct error err;

	for (size_t i = 0; i < n; i++)
		text_add(&all, text);
	CHECK_OK(directory_make(directory, 0755, &err), err);
	CHECK_OK(file_write_cache(path, text_str(&all), all.len, 0644, &err), err);
}

static inline void folder_link(const struct folder *f, const char *target, const char *name)
{
	auto_free char *path = path_join(f->path, name);

	CHECK(symlink(target, path) == 0);
}

/* Load a spec with these lines there; the findings as "CODE line:column message (hint)". */
static inline bool folder_load(const struct folder *folder, const char *lines, struct spec *spec,
			       struct text *shown)
{
	auto_free char *text = fixture_spec(lines);
	auto_findings f = {0};
	struct error err;

	folder_put(folder, "chute.yaml", text, 1);
	bool is_good =
		spec_load(&(struct spec_options){.file = "chute.yaml", .directory = folder->path},
			  spec, &f, &err);

	fixture_show(&f, shown);
	return is_good;
}

static inline void folder_check(const struct folder *folder, const char *lines, const char *wanted)
{
	auto_spec spec = {0};
	auto_text shown = {0};

	folder_load(folder, lines, &spec, &shown);
	if (!tap_note(strcmp(text_str(&shown), wanted) == 0, __FILE__, __LINE__, lines))
		printf("#   got:  %s\n#   want: %s\n", text_str(&shown), wanted);
}

#endif
