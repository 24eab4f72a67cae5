/* SPDX-License-Identifier: MIT */
#include "lib/container/cdi.h"

#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/base/io.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/text.h"
#include "lib/base/tree.h"
#include "lib/data/json.h"
#include "lib/data/yaml.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { EDITS_LIMIT = 4096 };

const char *const cdi_directories[] = {"/etc/cdi", "/var/run/cdi", NULL};

void cdi_edits_release(struct cdi_edits *e)
{
	strings_release(&e->env);
	for (size_t i = 0; i < e->n_mounts; i++) {
		free(e->mounts[i].source);
		free(e->mounts[i].target);
	}
	for (size_t i = 0; i < e->n_hooks; i++) {
		free(e->hooks[i].when);
		free(e->hooks[i].path);
		strings_release(&e->hooks[i].args);
		strings_release(&e->hooks[i].env);
	}
	free(e->mounts);
	free(e->hooks);
	free(e->groups);
	*e = (struct cdi_edits){0};
}

/* --- one container's edits */

/* The texts of a list, when there is one. */
static bool read_texts(const struct json *object, const char *key, struct strings *out,
		       struct error *err)
{
	const struct json *list = NULL;

	if (json_find_list(object, key, &list, err) < 0)
		return false;
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *item = json_at(list, i);

		if (!json_expect(item, JSON_KIND_TEXT, key, err))
			return false;
		strings_add(out, json_text(item));
	}
	return true;
}

static bool fail_path(struct error *err, const char *path)
{
	return fail(err, ERROR_SPEC, "'%s' is no absolute path", path);
}

static bool add_mount(struct cdi_edits *e, const char *source, const char *target, bool is_writable,
		      bool is_device, struct error *err)
{
	if (source[0] != '/' || target[0] != '/')
		return fail_path(err, source[0] != '/' ? source : target);
	e->mounts = list_grow(e->mounts, e->n_mounts, &e->capacity[0], sizeof(*e->mounts));
	e->mounts[e->n_mounts++] =
		(struct cdi_mount){xstrdup(source), path_clean(target), is_writable, is_device};
	return true;
}

/* The node of the host is what is mounted: its numbers and its mode are right already. */
static bool read_device(const struct json *item, struct cdi_edits *e, struct error *err)
{
	const char *path;
	const char *host = NULL;

	if (!json_get_text(item, "path", &path, err) ||
	    json_find_text(item, "hostPath", &host, err) < 0)
		return false;
	return add_mount(e, host ? host : path, path, true, true, err);
}

static bool read_mount(const struct json *item, struct cdi_edits *e, struct error *err)
{
	const char *host;
	const char *target;
	const char *type = "bind";
	auto_strings options = {0};

	if (!json_get_text(item, "hostPath", &host, err) ||
	    !json_get_text(item, "containerPath", &target, err) ||
	    json_find_text(item, "type", &type, err) < 0 ||
	    !read_texts(item, "options", &options, err))
		return false;
	if (strcmp(type, "bind") != 0 && strcmp(type, "none") != 0)
		return fail(err, ERROR_SPEC, "a mount of type '%s' is not known", type);
	return add_mount(e, host, target, !strings_has(&options, "ro"), false, err);
}

static bool read_hook(const struct json *item, struct cdi_edits *e, struct error *err)
{
	static const char *const names[] = {"prestart",       "createRuntime", "createContainer",
					    "startContainer", "poststart",     "poststop"};
	const char *when;
	const char *path;
	struct cdi_hook hook = {0};
	bool is_known = false;

	if (!json_get_text(item, "hookName", &when, err) ||
	    !json_get_text(item, "path", &path, err) ||
	    json_find_integer(item, "timeout", &hook.timeout_s, err) < 0)
		return false;
	for (size_t i = 0; i < array_len(names); i++)
		is_known = is_known || strcmp(names[i], when) == 0;
	if (!is_known)
		return fail(err, ERROR_SPEC, "a hook '%s' is not known", when);
	if (path[0] != '/')
		return fail_path(err, path);
	hook.when = xstrdup(when);
	hook.path = xstrdup(path);
	e->hooks = list_grow(e->hooks, e->n_hooks, &e->capacity[1], sizeof(*e->hooks));
	e->hooks[e->n_hooks++] = hook;
	return read_texts(item, "args", &e->hooks[e->n_hooks - 1].args, err) &&
	       read_texts(item, "env", &e->hooks[e->n_hooks - 1].env, err);
}

static bool read_group(const struct json *item, struct cdi_edits *e, struct error *err)
{
	if (!json_expect(item, JSON_KIND_INTEGER, "a group", err))
		return false;
	int64_t group = json_integer_of(item);

	if (group < 1 || group >= UINT32_MAX)
		return fail(err, ERROR_SPEC, "%lld is no group", (long long)group);
	e->groups = list_grow(e->groups, e->n_groups, &e->capacity[2], sizeof(*e->groups));
	e->groups[e->n_groups++] = (uint32_t)group;
	return true;
}

static bool read_edits(const struct json *owner, struct cdi_edits *e, struct error *err)
{
	static const struct {
		const char *key;
		bool (*read)(const struct json *item, struct cdi_edits *e, struct error *err);
	} lists[] = {
		{"deviceNodes", read_device},
		{"mounts", read_mount},
		{"hooks", read_hook},
		{"additionalGids", read_group},
	};
	const struct json *edits = NULL;
	auto_strings env = {0};

	if (json_find_object(owner, "containerEdits", &edits, err) < 0 ||
	    !read_texts(edits, "env", &env, err))
		return false;
	for (size_t i = 0; i < env.n; i++)
		if (env.items[i][0] == '=' || !strchr(env.items[i], '='))
			return fail(err, ERROR_SPEC, "'%s' is not NAME=value", env.items[i]);
	strings_env_set_all(&e->env, &env);
	for (size_t i = 0; i < array_len(lists); i++) {
		const struct json *list = NULL;

		if (json_find_list(edits, lists[i].key, &list, err) < 0)
			return false;
		if (json_count(list) > EDITS_LIMIT)
			return fail(err, ERROR_SPEC, "more than %d '%s'", EDITS_LIMIT,
				    lists[i].key);
		for (size_t j = 0; j < json_count(list); j++)
			if (!lists[i].read(json_at(list, j), e, err))
				return fail_in(err, "'%s'", lists[i].key);
	}
	return true;
}

/* --- one document */

static bool to_json(const char *text, size_t len, struct json **out, struct error *err)
{
	auto_arena arena = {0};
	auto_findings f = {0};
	auto_text json = {0};
	size_t at = 0;

	while (at < len && strchr(" \t\r\n", text[at]))
		at++;
	if (at < len && text[at] == '{')
		return json_parse(text, len, YAML_MAX_BYTES, out, err);
	struct yaml_source source = yaml_source_new("CDI", text, len, &arena);
	const struct yaml_node *root = yaml_parse(&source, &arena, &f);

	if (!root || f.n > 0 || !yaml_write_json(root, &source, &json, &f))
		return fail(err, ERROR_SPEC, "line %zu: %s", f.n ? f.items[0].line : 0,
			    f.n ? f.items[0].message : "no document");
	return json_parse(text_str(&json), json.len, SIZE_MAX, out, err);
}

/* "0.5.0", "1.0": those whose documents mean what is read here. */
static bool check_version(const struct json *document, struct error *err)
{
	const char *version;

	if (!json_get_text(document, "cdiVersion", &version, err))
		return false;
	bool is_early = text_starts_with(version, "0.") && version[2] >= '3' && version[2] <= '9';

	if (is_early || text_starts_with(version, "1.0"))
		return true;
	return fail(err, ERROR_SPEC, "version '%s' of CDI is not known", version);
}

/* "all" is a device of that name where there is one, else every device. */
static bool is_wanted(const struct strings *wanted, const struct strings *names, const char *name)
{
	return strings_has(wanted, name) ||
	       (strings_has(wanted, "all") && !strings_has(names, "all"));
}

static bool read_names(const struct json *devices, struct strings *names, struct error *err)
{
	for (size_t i = 0; i < json_count(devices); i++) {
		const char *name;

		if (!json_get_text(json_at(devices, i), "name", &name, err))
			return fail_in(err, "'devices'");
		if (!strings_has(names, name))
			strings_add(names, name);
	}
	return true;
}

static bool read_devices(struct cdi_search *s, const struct json *document, struct error *err)
{
	const struct json *devices = json_find(document, "devices");
	bool is_used = false;

	for (size_t i = 0; i < json_count(devices); i++) {
		const struct json *device = json_at(devices, i);
		const char *name = json_text(json_find(device, "name"));

		if (!is_wanted(&s->wanted, &s->names, name) || strings_has(&s->done, name))
			continue;
		if (!is_used && !read_edits(document, &s->edits, err))
			return false;
		if (!read_edits(device, &s->edits, err))
			return fail_in(err, "device '%s'", name);
		is_used = true;
		strings_add(&s->done, name);
	}
	return true;
}

bool cdi_read(struct cdi_search *s, const char *text, size_t len, struct error *err)
{
	auto_json struct json *document = NULL;
	const struct json *devices = NULL;
	const char *is;

	if (!to_json(text, len, &document, err) ||
	    !json_expect(document, JSON_KIND_OBJECT, "the document", err) ||
	    !json_get_text(document, "kind", &is, err))
		return false;
	if (strcmp(is, s->kind) != 0)
		return true;
	return check_version(document, err) &&
	       json_find_list(document, "devices", &devices, err) >= 0 &&
	       read_names(devices, &s->names, err) && read_devices(s, document, err);
}

void cdi_search_release(struct cdi_search *s)
{
	strings_release(&s->wanted);
	strings_release(&s->names);
	strings_release(&s->done);
}

/* --- all of them */

static bool is_document(const char *name)
{
	return text_ends_with(name, ".yaml") || text_ends_with(name, ".json");
}

/* A document that is broken counts only when it is about these devices. */
static bool look_into_file(struct cdi_search *s, const char *path, struct error *err)
{
	auto_text text = {0};
	struct error why;

	if (file_read(path, YAML_MAX_BYTES, &text, &why) &&
	    cdi_read(s, text_str(&text), text.len, &why))
		return true;
	if (!strstr(text_str(&text), s->kind)) {
		log_info("container: '%s': %s", path, why.message);
		return true;
	}
	fail(err, ERROR_MISSING, "'%s': %s", path, why.message);
	return fail_hint(err, "write it anew, as root: nvidia-ctk cdi generate --output=%s", path);
}

static bool look_into(struct cdi_search *s, const char *directory, struct error *err)
{
	auto_fd int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_strings files = {0};
	struct error ignored; /* without the directory there is nothing in it */

	if (fd < 0 || !directory_list(fd, &files, &ignored))
		return true;
	for (size_t i = 0; i < files.n; i++) {
		auto_free char *path = path_join(directory, files.items[i]);

		if (is_document(path) && !look_into_file(s, path, err))
			return false;
	}
	return true;
}

static bool fail_unknown(const struct cdi_search *s, const char *name, struct error *err)
{
	auto_text known = {.max = 200};

	if (s->names.n == 0) {
		fail(err, ERROR_MISSING,
		     "nothing describes the GPUs of this machine: no '%s' in "
		     "/etc/cdi or /var/run/cdi",
		     s->kind);
		return fail_hint(err, "install the NVIDIA container toolkit, and run as root: "
				      "nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml");
	}
	for (size_t i = 0; i < s->names.n; i++)
		text_addf(&known, "%s%s", i ? ", " : "", s->names.items[i]);
	fail(err, ERROR_NOT_FOUND, "no GPU '%s' in this machine", name);
	return fail_hint(err, "there are: %s", text_str(&known));
}

static bool search(struct cdi_search *s, const char *const *directories, struct error *err)
{
	size_t n = 0;

	while (directories[n])
		n++;
	for (size_t i = n; i > 0; i--)
		if (!look_into(s, directories[i - 1], err))
			return false;
	for (size_t i = 0; i < s->wanted.n; i++) {
		const char *name = s->wanted.items[i];

		if (strcmp(name, "all") == 0 ? s->done.n == 0 : !strings_has(&s->done, name))
			return fail_unknown(s, name, err);
	}
	return true;
}

bool cdi_find(const char *const *directories, const char *kind, const char *wanted,
	      struct cdi_edits *out, struct error *err)
{
	struct cdi_search s = {.kind = kind};

	strings_split(&s.wanted, wanted, ',');
	bool ok = search(&s, directories, err);

	if (ok)
		*out = s.edits;
	else
		cdi_edits_release(&s.edits);
	cdi_search_release(&s);
	return ok;
}
