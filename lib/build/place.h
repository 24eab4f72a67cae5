/* SPDX-License-Identifier: MIT
 * Putting files, directories and links into the root file system of an image. Links of the image
 * are followed inside its root on the way to a destination, never below it. Knows nothing of where
 * the things come from.
 */
#ifndef CHUTES_BUILD_PLACE_H
#define CHUTES_BUILD_PLACE_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"

#include <sys/types.h>
#include <time.h>

struct place_owner {
	uid_t uid;
	gid_t gid;
	bool is_kept; /* nobody's owner can be changed here: leave what there is */
};
/* How a thing is to look in the end. */
struct place_look {
	struct place_owner owner;
	mode_t mode;
	struct timespec mtime;
};

/* An open directory of the image and its path, for messages. */
struct place {
	int fd;     /* O_PATH */
	char *path; /* NULL: not open */
};
void place_close(struct place *p);
#define auto_place __attribute__((cleanup(place_close))) struct place

/* The directory `path` (absolute, cleaned); what is missing is made, 0755, with that owner and,
 * unless it is NULL, that mtime. BUILD when a file is in the way. */
must_use bool place_open(int root_fd, const char *path, const struct place_owner *owner,
			 const struct timespec *mtime, struct place *out, struct error *err);
/* What there is at `path`, links followed. */
enum place_kind { PLACE_NOTHING, PLACE_FILE, PLACE_DIRECTORY };
must_use bool place_find(int root_fd, const char *path, enum place_kind *out, struct error *err);
/* Where writing to `path` really goes: while it is a link, the link's target. Caller frees. */
must_use bool place_follow(int root_fd, const char *path, char **out, struct error *err);

/* In a directory, under a name. A directory that is there stays, and takes the new owner and mode;
 * its mtime is the caller's to set when everything is in it. Anything else that is no directory is
 * replaced. BUILD: a directory over a file or a link, anything over a directory. */
must_use bool place_directory(const struct place *in, const char *name,
			      const struct place_look *look, struct error *err);
must_use bool place_link(const struct place *in, const char *name, const char *target,
			 const struct place_look *look, struct error *err);
/* A new file for writing; when its content is there, place_file_finish(). */
must_use bool place_file(const struct place *in, const char *name, int *fd, struct error *err);
must_use bool place_file_finish(const struct place *in, const char *name, int fd,
				const struct place_look *look, struct error *err);

#endif
