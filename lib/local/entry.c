/* SPDX-License-Identifier: MIT
 * Entries of the runtime directory: a directory for each running chute, locked as long as anything
 * of it lives. The lock is the truth; the document inside only describes.
 */
#include "lib/local/local_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/process.h"
#include "lib/base/time.h"
#include "lib/base/tree.h"
#include "lib/data/json.h"
#include "lib/data/json_out.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum {
	NAME_MAX_LENGTH = 127,
	STATE_LIMIT = 64 * 1024,
	CLAIM_MS = 500, /* a look at a stale entry, and the last breath of a killed chute */
	RETRY_MS = 20,
};

static const char *const state_names[] = {"starting", "ready", "restarting", "down", "stopping"};

const char *local_state_name(enum local_state state) { return state_names[state]; }

bool local_check_name(const char *name, struct error *err)
{
	size_t len = strlen(name);
	bool is_fine = len > 0 && len <= NAME_MAX_LENGTH && !strchr("./-", name[0]);

	for (size_t i = 0; i < len; i++)
		is_fine &= (name[i] >= 'a' && name[i] <= 'z') ||
			   (name[i] >= 'A' && name[i] <= 'Z') ||
			   (name[i] >= '0' && name[i] <= '9') || strchr("_./-", name[i]);
	if (is_fine)
		return true;
	fail(err, ERROR_USAGE, "'%.60s%s' cannot be the name of a chute that runs here", name,
	     len > 60 ? "..." : "");
	return fail_hint(err, "take up to %d of A-Z a-z 0-9 _ . / -, a letter or digit first",
			 NAME_MAX_LENGTH);
}

bool entry_path(const char *folder, const char *name, char **out, struct error *err)
{
	auto_free char *runtime = NULL;

	if (!path_runtime(&runtime, err))
		return false;
	auto_free char *parent = path_join(runtime, folder);
	auto_free char *path = xprintf("%s/%s", parent, name);

	/* no name has a '%' */
	for (char *c = path + strlen(parent) + 1; *c; c++)
		if (*c == '/')
			*c = '%';
	if (!directory_make(parent, 0700, err))
		return false;
	*out = take(path);
	return true;
}

/* Lock the directory `path` and make sure that it is still the one of that name: 1, 0 when somebody
 * else holds it, -1 with errno (ENOENT: there is none). */
static int lock_directory(const char *path, int operation, int *fd)
{
	for (;;) {
		struct stat here;
		struct stat there;
		auto_fd int opened = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (opened < 0)
			return -1;
		if (flock(opened, operation | LOCK_NB) < 0)
			return errno == EWOULDBLOCK ? 0 : -1;
		if (fstat(opened, &here) == 0 && stat(path, &there) == 0 &&
		    here.st_ino == there.st_ino && here.st_dev == there.st_dev) {
			*fd = fd_take(&opened);
			return 1;
		}
	}
}

static void clear_directory(int fd)
{
	auto_strings names = {0};
	struct error ignored; /* what stays is cleared by the next one */

	if (!directory_list(fd, &names, &ignored))
		return;
	for (size_t i = 0; i < names.n; i++)
		if (!tree_remove(fd, names.items[i], &ignored))
			return;
}

/* Nobody holds it any more. */
static void remove_stale(const char *path)
{
	auto_fd int fd = -1;

	if (lock_directory(path, LOCK_EX, &fd) <= 0)
		return;
	clear_directory(fd);
	rmdir(path);
}

static bool fail_running(const char *name, struct error *err)
{
	fail(err, ERROR_CONFLICT, "a chute '%s' is running here already", name);
	return fail_hint(err, "'chutes stop %s' ends it; --name gives this one another name", name);
}

/* One try: 1, 0 when somebody holds it, -1. */
static int claim_once(const char *path, int *fd, struct error *err)
{
	if (mkdir(path, 0700) < 0 && errno != EEXIST) {
		fail_errno(err, "creating directory '%s'", path);
		return -1;
	}
	int got = lock_directory(path, LOCK_EX, fd);

	if (got >= 0 || errno == ENOENT) /* removed in between: once more */
		return got > 0;
	fail_errno(err, "locking '%s'", path);
	return -1;
}

bool entry_claim(const char *name, struct entry *out, struct error *err)
{
	auto_free char *path = NULL;
	auto_fd int fd = -1;
	uint64_t deadline = clock_ms() + CLAIM_MS;
	int got;

	if (!local_check_name(name, err) || !entry_path("run", name, &path, err))
		return false;
	while ((got = claim_once(path, &fd, err)) == 0 && clock_ms() < deadline)
		sleep_ms(RETRY_MS);
	if (got <= 0)
		return got < 0 ? false : fail_running(name, err);
	clear_directory(fd);
	*out = (struct entry){.name = xstrdup(name), .path = take(path), .fd = fd_take(&fd)};
	return true;
}

bool entry_save(const struct entry *e, const struct local_chute *chute, struct error *err)
{
	auto_free char *path = path_join(e->path, "state.json");
	auto_json_out j = {0};

	json_out_object(&j, NULL);
	json_out_text(&j, "name", chute->name);
	json_out_text(&j, "address", chute->address);
	json_out_text(&j, "image", chute->image);
	json_out_text(&j, "directory", chute->directory);
	json_out_text(&j, "state", local_state_name(chute->state));
	json_out_bool(&j, "stub", chute->is_stub);
	json_out_number(&j, "pid", chute->pid);
	json_out_number(&j, "start_ticks", (int64_t)process_start_ticks((pid_t)chute->pid));
	json_out_number(&j, "started", chute->started_unix);
	json_out_number(&j, "stop_ms", (int64_t)chute->stop_ms);
	json_out_object_end(&j);
	return file_write_cache(path, text_str(&j.text), j.text.len, 0600, err);
}

void entry_remove(struct entry *e)
{
	if (e->fd >= 0) {
		clear_directory(e->fd);
		rmdir(e->path);
	}
	fd_close(&e->fd);
	free(e->name);
	free(e->path);
	*e = (struct entry){.fd = -1};
}

static bool read_text(const struct json *document, const char *key, char **out, struct error *err)
{
	const char *text;

	if (!json_get_text(document, key, &text, err))
		return false;
	*out = xstrdup(text);
	return true;
}

static bool read_state(const struct json *document, enum local_state *out, struct error *err)
{
	const char *name;

	if (!json_get_text(document, "state", &name, err))
		return false;
	for (size_t i = 0; i < array_len(state_names); i++)
		if (strcmp(state_names[i], name) == 0) {
			*out = (enum local_state)i;
			return true;
		}
	return fail(err, ERROR_FAILURE, "unknown state '%s'", name);
}

static bool read_document(const struct json *d, struct local_chute *out, uint64_t *start_ticks,
			  struct error *err)
{
	int64_t ticks;
	int64_t stop_ms;
	bool ok = read_text(d, "name", &out->name, err) &&
		  read_text(d, "address", &out->address, err) &&
		  read_text(d, "image", &out->image, err) &&
		  read_text(d, "directory", &out->directory, err) &&
		  read_state(d, &out->state, err) && json_get_integer(d, "pid", &out->pid, err) &&
		  json_get_integer(d, "started", &out->started_unix, err) &&
		  json_get_integer(d, "start_ticks", &ticks, err) &&
		  json_get_integer(d, "stop_ms", &stop_ms, err) &&
		  json_find_bool(d, "stub", &out->is_stub, err) > 0;

	if (!ok)
		return false;
	*start_ticks = (uint64_t)ticks;
	out->stop_ms = (uint64_t)stop_ms;
	return true;
}

int entry_load(const char *name, struct local_chute *out, uint64_t *start_ticks, struct error *err)
{
	auto_free char *path = NULL;
	auto_text text = {0};
	auto_json struct json *document = NULL;
	auto_local_chute chute = {0};

	if (!local_check_name(name, err))
		return 0;
	if (!entry_path("run", name, &path, err))
		return -1;
	if (!entry_is_held(name)) {
		remove_stale(path);
		return 0;
	}
	auto_free char *file = path_join(path, "state.json");

	if (!file_read(file, STATE_LIMIT, &text, err))
		return err->code == ERROR_NOT_FOUND ? 0 : -1; /* just begun, or just over */
	if (!json_parse(text_str(&text), text.len, STATE_LIMIT, &document, err) ||
	    !read_document(document, &chute, start_ticks, err)) {
		fail_in(err, "reading '%s'", file);
		return -1;
	}
	*out = chute;
	chute = (struct local_chute){0};
	return 1;
}

bool entry_is_held(const char *name)
{
	auto_free char *path = NULL;
	auto_fd int fd = -1;
	struct error ignored; /* without a directory nobody holds it */

	return local_check_name(name, &ignored) && entry_path("run", name, &path, &ignored) &&
	       lock_directory(path, LOCK_SH, &fd) == 0;
}

bool entry_names(const char *folder, struct strings *out, struct error *err)
{
	auto_free char *path = NULL;

	if (!entry_path(folder, "", &path, err))
		return false;
	auto_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(err, "opening '%s'", path);
	if (!directory_list(fd, out, err))
		return false;
	for (size_t i = 0; i < out->n; i++)
		for (char *c = out->items[i]; *c; c++)
			if (*c == '%')
				*c = '/';
	return true;
}
