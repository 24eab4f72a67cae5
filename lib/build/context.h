/* SPDX-License-Identifier: MIT
 * The build context: which files of the user's directory an `add` step takes, what their content
 * is, and how they get into the image. Everything goes by descriptors below the context's root and
 * never leaves it. Knows neither plan, store nor sandbox.
 *
 * Order of use: context_open(), context_select() for each step (outside, before anything runs),
 * context_save() once, context_add() where the image is mounted (a forked child may do it).
 */
#ifndef CHUTES_BUILD_CONTEXT_H
#define CHUTES_BUILD_CONTEXT_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"
#include "lib/crypto/sha256.h"

#include <sys/types.h>

enum { CONTEXT_DEFAULT_BYTES = 512 << 20, CONTEXT_DEFAULT_ENTRIES = 1000000 };

struct context;
struct context_options {
	const char *root; /* a directory, as the caller would open it */
	const char
		*ignore_file; /* gitignore rules, likewise; NULL or missing: built-in ones only */
	const char *const *include; /* globs below the root that win over every ignore rule */
	size_t n_include;
	uint64_t max_bytes;         /* sum of the selected files; 0: CONTEXT_DEFAULT_BYTES */
	size_t max_entries;         /* 0: CONTEXT_DEFAULT_ENTRIES */
	const char *stat_directory; /* where stat indexes are kept between builds; NULL: nowhere */
};
/* NOT_FOUND when there is no such directory; SPEC when the ignore file is no text or too long. */
must_use bool context_open(const struct context_options *o, struct context **out,
			   struct error *err);
void context_close(struct context *c); /* accepts NULL */
static inline void context_close_slot(struct context **c) { context_close(*c); }
#define auto_context __attribute__((cleanup(context_close_slot)))

/* One file, directory or link. Strings belong to the context. */
struct context_entry {
	const char
		*path; /* below its match; of a matched file the base name; "": the match itself */
	const char *source; /* below the context's root */
	const char *target; /* text of a link, else NULL */
	char type;          /* 'f', 'd', 'l' */
	mode_t mode;        /* as git keeps it: 0644 or 0755; directories 0755, links 0777 */
	uint64_t size;      /* of a file */
	int64_t mtime_ns;   /* of the host's file; in no digest */
	unsigned char sha256[SHA256_BYTES]; /* of a file's content */
};
/* One thing that the source names: a file or link followed to a file, or a directory. */
struct context_match {
	const char *name; /* base name under which a file is added */
	bool is_directory;
	size_t first; /* its entries; those of a directory begin with the directory itself */
	size_t n;
};
/* What one step takes, sorted by bytes, a directory before what is in it. */
struct selection {
	struct context_match *matches;
	size_t n_matches;
	struct context_entry *entries;
	size_t n_entries;
	size_t capacity;
	uint64_t n_bytes;
	bool is_glob;                 /* the source has wildcards */
	char sha256[SHA256_HEX_SIZE]; /* of all of it: the step's key needs this and the source's
					 text */
	struct strings notes;         /* one sentence per thing left out: sockets, devices */
};
void selection_release(struct selection *s);
#define auto_selection __attribute__((cleanup(selection_release))) struct selection

/* What `source` (a path or glob below the root: * ? [] **) names, without what the ignore rules and
 * `exclude` (gitignore patterns, relative to each match) leave out. Contents are hashed unless the
 * stat index knows them. `out` must not outlive the context.
 * SPEC: no match (says what is near, or which rule hides it), a source that leaves the root, a URL.
 * BUILD: a link that leads out of the root, a control character in a name, an unreadable file, more
 * than the limits. */
must_use bool context_select(struct context *c, const char *source, char *const *exclude,
			     size_t n_exclude, struct selection *out, struct error *err);
/* Keep what was learned for the next build; writes only if something changed. Failing costs time,
 * not correctness. */
must_use bool context_save(struct context *c, struct error *err);
/* A file of the context for reading, links followed inside the root; ignored files are not found.
 */
must_use bool context_open_file(struct context *c, const char *path, int *fd, struct error *err);

/* BUILD: what was selected or hashed at `path` is not what is there now. false. */
bool context_changed(const char *path, struct error *err);

/* Where and how a selection is added. */
struct add_options {
	int root_fd;      /* the image's root, writable */
	const char *dest; /* as written; relative: below `workdir`. A final '/' says directory */
	const char *workdir;
	const char *chmod; /* octal or symbolic, or NULL */
	uid_t uid;         /* owner of everything created, parents of `dest` too */
	gid_t gid;
	bool has_owner;        /* an owner was asked for: archives do not keep their own */
	bool ids_are_squashed; /* one id only: owners are left alone */
	bool has_epoch;
	int64_t epoch; /* mtime of everything created, in seconds; else the file's own */
};
/* Copy as Docker's ADD does: a directory's contents into `dest`, a file to `dest`, or into it when
 * that is a directory, ends in '/' or several files match; missing parents are made, 0755; links of
 * the image are followed to `dest`, inside the root. A directory that exists takes the mode and
 * owner of the one that is added onto it, `dest` itself does not. Tar archives (plain, gzip, zstd)
 * that are named as files are unpacked into `dest`, as the archive says: with its own modes, times
 * and, unless one was asked for, owners. Contents are hashed again on the way. SPEC: `chmod` is no
 * mode, or one for an archive. BUILD: a directory over a file or over a link, a file over a
 * directory, a file that changed since it was selected, an archive compressed with something else.
 * `notes` gets one sentence per thing left out, the selection's
 * first. */
must_use bool context_add(const struct context *c, const struct selection *s,
			  const struct add_options *o, struct strings *notes, struct error *err);
/* `dest` absolute and clean; *is_directory: it was written as one ("x/", ".", ".."). Caller frees.
 */
must_use char *add_destination(const char *dest, const char *workdir, bool *is_directory);

#endif
