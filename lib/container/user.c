/* SPDX-License-Identifier: MIT
 * Users of an image by its own passwd(5) and group(5). The files are foreign: bounded, broken lines
 * are skipped, and links lead nowhere outside of the image.
 */
#include "lib/base/inside.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/strings.h"
#include "lib/container/container.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { FILE_LIMIT = 1 << 20, KNOWN_NAMES_SHOWN = 12 };

/* Decimal, at most 4294967294: the last number means "nobody set it" in chown(2). */
static bool parse_id(const char *text, uint32_t *out)
{
	uint64_t value = 0;

	for (const char *p = text; *p; p++) {
		if (*p < '0' || *p > '9' || value > UINT32_MAX)
			return false;
		value = value * 10 + (uint64_t)(*p - '0');
	}
	if (!*text || value >= UINT32_MAX)
		return false;
	*out = (uint32_t)value;
	return true;
}

/* A passwd or group file as lines; none when the image has no such file. */
struct database {
	const char *kind; /* "user", "group" */
	const char *path;
	size_t n_fields; /* a line with fewer is broken */
	struct strings lines;
};

static bool load(struct database *d, const char *root, struct error *err)
{
	auto_fd int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_text text = {0};

	if (fd < 0)
		return fail_errno(err, "opening '%s'", root);
	int got = inside_read(fd, d->path, FILE_LIMIT, &text, err);

	if (got < 0)
		return fail_in(err, "reading the image's /%s", d->path);
	if (got > 0)
		strings_split(&d->lines, text_str(&text), '\n');
	return true;
}

/* The fields of line `i`, whose third is a number; false for a broken one. */
static bool split_line(const struct database *d, size_t i, struct strings *fields, uint32_t *id)
{
	strings_release(fields);
	strings_split(fields, d->lines.items[i], ':');
	return fields->n >= d->n_fields && fields->items[0][0] && parse_id(fields->items[2], id);
}

/* The first entry with that name, else the first with that id (`name` all digits). */
static bool find_entry(const struct database *d, const char *name, struct strings *fields)
{
	uint32_t wanted;
	uint32_t id;

	for (size_t i = 0; i < d->lines.n; i++)
		if (split_line(d, i, fields, &id) && strcmp(fields->items[0], name) == 0)
			return true;
	if (!parse_id(name, &wanted))
		return false;
	for (size_t i = 0; i < d->lines.n; i++)
		if (split_line(d, i, fields, &id) && id == wanted)
			return true;
	return false;
}

static bool fail_unknown(struct error *err, const struct database *d, const char *name)
{
	auto_text known = {.max = 300};
	auto_text shown = {.max = 64};
	auto_strings fields = {0};
	size_t n = 0;
	uint32_t id;

	text_add_printable(&shown, name, strlen(name), false);
	for (size_t i = 0; i < d->lines.n; i++) {
		if (!split_line(d, i, &fields, &id) || ++n > KNOWN_NAMES_SHOWN)
			continue;
		text_add(&known, n > 1 ? ", " : "");
		text_add_printable(&known, fields.items[0], strlen(fields.items[0]), false);
	}
	if (n == 0)
		return fail(err, ERROR_BUILD, "no %s '%s' in the image: it has no /%s", d->kind,
			    text_str(&shown), d->path);
	return fail(err, ERROR_BUILD, "no %s '%s' in the image's /%s: it knows %s%s", d->kind,
		    text_str(&shown), d->path, text_str(&known),
		    n > KNOWN_NAMES_SHOWN ? ", …" : "");
}

static bool find_user(const struct database *users, const char *name, struct user_ids *out,
		      char **login, struct error *err)
{
	auto_strings fields = {0};

	if (find_entry(users, name, &fields)) {
		if (!parse_id(fields.items[2], &out->uid) || !parse_id(fields.items[3], &out->gid))
			return fail(err, ERROR_BUILD, "user '%s' has no group in the image's /%s",
				    fields.items[0], users->path);
		if (fields.items[5][0] == '/' && strlen(fields.items[5]) < sizeof(out->home))
			snprintf(out->home, sizeof(out->home), "%s", fields.items[5]);
		*login = xstrdup(fields.items[0]);
		return true;
	}
	/* an id needs no entry, and root no file */
	if (parse_id(name, &out->uid))
		return true;
	return strcmp(name, "root") == 0 || fail_unknown(err, users, name);
}

static bool find_group(const struct database *groups, const char *name, struct user_ids *out,
		       struct error *err)
{
	auto_strings fields = {0};

	if (find_entry(groups, name, &fields))
		return parse_id(fields.items[2], &out->gid);
	return parse_id(name, &out->gid) || fail_unknown(err, groups, name);
}

static bool is_member(const char *members, const char *login)
{
	auto_strings names = {0};

	strings_split(&names, members, ',');
	return strings_has(&names, login);
}

static bool find_supplementary(const struct database *groups, const char *login,
			       struct user_ids *out, struct error *err)
{
	auto_strings fields = {0};
	uint32_t id;

	for (size_t i = 0; i < groups->lines.n; i++) {
		if (!split_line(groups, i, &fields, &id) || id == out->gid || fields.n < 4 ||
		    !is_member(fields.items[3], login))
			continue;
		if (out->n_groups == USER_GROUPS_LIMIT)
			return fail(err, ERROR_BUILD, "user '%s' is in more than %d groups", login,
				    USER_GROUPS_LIMIT);
		out->groups[out->n_groups++] = id;
	}
	return true;
}

static bool resolve(const struct database *users, const struct database *groups, const char *user,
		    struct user_ids *out, struct error *err)
{
	const char *colon = strchr(user, ':');
	auto_free char *name = xstrndup(user, colon ? (size_t)(colon - user) : strlen(user));
	auto_free char *login = NULL;

	if (!find_user(users, *name ? name : "root", out, &login, err))
		return false;
	if (colon && colon[1])
		return find_group(groups, colon + 1, out, err);
	return !login || find_supplementary(groups, login, out, err);
}

bool user_resolve(const char *root, const char *user, struct user_ids *out, struct error *err)
{
	struct database users = {"user", "etc/passwd", 6, {0}};
	struct database groups = {"group", "etc/group", 3, {0}};
	struct user_ids found = {.home = "/"};
	bool ok = load(&users, root, err) && load(&groups, root, err) &&
		  resolve(&users, &groups, user, &found, err);

	strings_release(&users.lines);
	strings_release(&groups.lines);
	if (ok)
		*out = found;
	return ok;
}
