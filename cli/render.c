/* SPDX-License-Identifier: MIT
 * chutes render: what a spec becomes on its way to a server.
 */
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/project.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/build/tag.h"
#include "lib/lower/lower.h"

#include <string.h>

struct render_command {
	const char *what;
	const char *output;
	const char *username;
	bool force;
};

static const struct option_row rows[] = {
	OPT(0, "what", CHOICE, render_command, what, "code|dockerfile|payload|all",
	    "which part (default all)"),
	OPT('o', "output", TEXT, render_command, output, "DIR", "write files into DIR"),
	OPT(0, "username", TEXT, render_command, username, "NAME",
	    "who deploys it, where the spec does not say"),
	OPT(0, "force", FLAG, render_command, force, NULL,
	    "overwrite files that were not rendered"),
	OPT_END};

/* Empty text: not asked for, or there is none. */
struct rendering {
	struct text dockerfile;
	struct lowered_code code;
	struct text payload;
};

static void rendering_release(struct rendering *r)
{
	text_release(&r->dockerfile);
	lowered_code_release(&r->code);
	text_release(&r->payload);
}

static bool is_asked(const struct render_command *o, const char *part)
{
	return !o->what || strcmp(o->what, "all") == 0 || strcmp(o->what, part) == 0;
}

static bool check_username(const char *username, struct error *err)
{
	size_t len = username ? strlen(username) : 0;

	if (!username) {
		fail(err, ERROR_SPEC, "the code names its owner, and the spec has no 'username'");
		return fail_hint(err, "write 'username: NAME' into the spec, or pass --username "
				      "NAME");
	}
	if (len < 3 || len > 15 ||
	    strspn(username, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") !=
		    len)
		return fail(err, ERROR_USAGE,
			    "--username '%s' is not 3 to 15 letters, digits and '_'", username);
	return true;
}

/* Code and payload, which say who and which image. */
static bool render_code(const struct render_command *o, const struct spec *spec,
			struct rendering *r, struct findings *f, struct error *err)
{
	const char *username = o->username ? o->username : spec->username;
	char tag[TAG_SIZE] = "";
	struct lower_names names = {CHUTES_VERSION, username, tag};
	auto_text dockerfile = {0};

	if (!check_username(username, err))
		return false;
	if (!spec->image.reference && strcmp(spec->image.tag, "auto") == 0 &&
	    (!lower_dockerfile(spec, &dockerfile, err) || !image_tag(spec, &dockerfile, tag, err)))
		return fail_in(err, "finding the image's tag");
	return lower_code(spec, &names, &r->code, err) &&
	       (!is_asked(o, "payload") ||
		lower_payload(spec, &names, &r->code, &r->payload, f, err));
}

static bool render(const struct render_command *o, const struct spec *spec, struct rendering *r,
		   struct findings *f, struct error *err)
{
	bool is_only_dockerfile = o->what && strcmp(o->what, "dockerfile") == 0;
	bool has_dockerfile = !spec->image.reference || is_only_dockerfile;

	if (is_asked(o, "dockerfile") && has_dockerfile &&
	    !lower_dockerfile(spec, &r->dockerfile, err))
		return false;
	return is_only_dockerfile || render_code(o, spec, r, f, err);
}

/* --- what was asked for */

struct part {
	const char *name;
	const char *file;
	const struct text *text;
};
enum { N_PARTS = 3 };

static size_t list_parts(const struct render_command *o, const struct rendering *r,
			 struct part out[N_PARTS])
{
	const struct part all[N_PARTS] = {{"code", r->code.filename, &r->code.code},
					  {"dockerfile", "Dockerfile", &r->dockerfile},
					  {"payload", "payload.json", &r->payload}};
	size_t n = 0;

	for (size_t i = 0; i < N_PARTS; i++)
		if (all[i].text->len && is_asked(o, all[i].name))
			out[n++] = all[i];
	return n;
}

static void show(const struct part *parts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct text *text = parts[i].text;

		if (i > 0)
			print_bytes("\n", 1);
		if (n > 1)
			print_line("==> %s <==", parts[i].file);
		print_bytes(text_str(text), text->len);
		if (text->bytes[text->len - 1] != '\n')
			print_bytes("\n", 1);
	}
}

static void show_json(struct json_out *j, const struct rendering *r, const struct part *parts,
		      size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *text = text_str(parts[i].text);

		if (parts[i].text == &r->payload) {
			json_out_raw(j, parts[i].name, text);
			continue;
		}
		json_out_text(j, parts[i].name, text);
		if (parts[i].text == &r->code.code) {
			json_out_text(j, "filename", r->code.filename);
			json_out_text(j, "ref_str", r->code.ref_str);
		}
	}
}

/* CONFLICT when `path` holds something else that was not rendered. */
static bool check_target(const char *path, const struct part *part, struct error *err)
{
	enum { LIMIT = 16 << 20 };
	auto_text old = {0};

	if (!file_exists(path))
		return true;
	if (!file_read(path, LIMIT, &old, err))
		return false;
	bool is_same = old.len == part->text->len &&
		       memcmp(text_str(&old), text_str(part->text), old.len) == 0;

	if (is_same || strstr(text_str(&old), "generated by chutes "))
		return true;
	fail(err, ERROR_CONFLICT, "'%s' exists and was not rendered", path);
	return fail_hint(err, "choose another directory, or overwrite it with --force");
}

static bool write_parts(const struct render_command *o, const struct part *parts, size_t n,
			struct error *err)
{
	struct json_out *j = print_result();

	for (size_t i = 0; i < n && !o->force; i++) {
		auto_free char *path = path_join(o->output, parts[i].file);

		if (!check_target(path, &parts[i], err))
			return false;
	}
	if (!directory_make(o->output, 0755, err))
		return false;
	if (j)
		json_out_array(j, "files");
	for (size_t i = 0; i < n; i++) {
		auto_free char *path = path_join(o->output, parts[i].file);

		if (!file_write(path, text_str(parts[i].text), parts[i].text->len, 0644, err))
			return false;
		print_changed();
		if (j)
			json_out_text(j, NULL, path);
		else
			print_line("%s", path);
	}
	if (j)
		json_out_array_end(j);
	return true;
}

static bool deliver(const struct render_command *o, const struct rendering *r, struct error *err)
{
	struct part parts[N_PARTS];
	size_t n = list_parts(o, r, parts);

	if (o->output)
		return write_parts(o, parts, n, err);
	if (print_result())
		show_json(print_result(), r, parts, n);
	else
		show(parts, n);
	return true;
}

static bool run(struct call *call, struct error *err)
{
	const struct render_command *o = call->options;
	auto_spec spec = {0};
	auto_findings findings = {0};
	struct rendering r = {0};
	bool ok = project_hosted_spec(call, &spec, err) && render(o, &spec, &r, &findings, err);

	if (call->globals.strict)
		findings_strict(&findings);
	if (ok) {
		print_findings(&findings);
		ok = findings_pass(&findings, err) && deliver(o, &r, err);
	}
	rendering_release(&r);
	return ok;
}

const struct command command_render = {
	.name = "render",
	.summary = "show exactly what a deployment would send",
	.about = "Prints what the spec becomes: the Python module that the platform runs, the\n"
		 "Dockerfile of its image, and the request that creates the chute, which\n"
		 "holds the module. Nothing is executed, nothing is fetched, and the project's\n"
		 "Python is only read. With -o the same is written as files.",
	.options = rows,
	.options_size = sizeof(struct render_command),
	.examples = {"chutes render --what code", "chutes render -o out",
		     "chutes render --what payload | jq '.cords[].public_api_path'"},
	.exits = {ERROR_SPEC, ERROR_AUTH, ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_BUILD},
	.see_also = {"validate", "build"},
	.group = GROUP_START,
	.run = run,
};
