/* SPDX-License-Identifier: MIT
 * chutes id: the identifiers that the platform gives, told offline.
 */
#include "cli/commands.h"
#include "cli/owner.h"
#include "cli/print.h"
#include "cli/project.h"
#include "cli/settings.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/lower/ids.h"

#include <string.h>

enum { CODE_LIMIT = 1 << 20 };

struct id_options {
	const char *username;
};
#define USERNAME_ROW(where)                                                                        \
	OPT(0, "username", TEXT, where, username, "NAME",                                          \
	    "whose it is (default auth.username; the spec's own for what it names)")
static const struct option_row rows[] = {USERNAME_ROW(id_options), OPT_END};

static bool is_uuid(const char *s)
{
	if (strlen(s) != UUID_TEXT_SIZE - 1)
		return false;
	for (size_t i = 0; s[i]; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? s[i] != '-' : !strchr("0123456789abcdef", s[i]))
			return false;
	}
	return true;
}

/* "$NAME" of a script that never set it has an id, too, but nobody wants that. */
static bool check_words(const struct call *call, struct error *err)
{
	for (size_t i = 0; i < call->args.n; i++)
		if (!*call->args.items[i])
			return fail(err, ERROR_USAGE, "'%s': an argument is empty", call->name);
	return true;
}

/* --- images */

struct image_name {
	char *username;
	char *name; /* "hello:0.1" */
};
static void image_name_release(struct image_name *n)
{
	free(n->username);
	free(n->name);
}
#define auto_image_name __attribute__((cleanup(image_name_release))) struct image_name

/* "[USER/]NAME:TAG". */
static bool read_name(const struct call *call, const char *option, const char *text,
		      struct image_name *out, struct error *err)
{
	const char *slash = strchr(text, '/');
	const char *name = slash ? slash + 1 : text;
	const char *colon = strchr(name, ':');

	if (strchr(name, '/') || !colon || colon == name || !colon[1] || strchr(colon + 1, ':')) {
		fail(err, ERROR_USAGE, "'%s' is no image of the platform", text);
		return fail_hint(err, "write it as NAME:TAG or USER/NAME:TAG");
	}
	auto_free char *user = slash ? xstrndup(text, (size_t)(slash - text)) : NULL;

	if (user && option && strcmp(user, option) != 0)
		return fail(err, ERROR_USAGE, "'%s' is not an image of '%s'", text, option);
	if (!owner_find(call, user ? user : option, NULL, &out->username, err))
		return false;
	out->name = xstrdup(name);
	return true;
}

/* Of the argument, or of the spec. */
static bool find_image(const struct call *call, const char *option, const char *given,
		       struct image_name *out, struct error *err)
{
	auto_spec spec = {0};
	auto_owner owner = {0};

	if (given)
		return read_name(call, option, given, out, err);
	if (!project_any_spec(call, &spec, err))
		return false;
	if (!spec.image.reference && !owner_of_spec(call, option, &spec, &owner, err))
		return false;
	struct lower_names names = owner_names(&owner);
	auto_free char *image = lower_image(&spec, &names);

	/* an image of somebody else is his */
	return read_name(call, spec.image.reference ? NULL : option, image, out, err);
}

static bool run_image(struct call *call, struct error *err)
{
	const struct id_options *o = call->options;
	struct json_out *j = print_result();
	auto_image_name image = {0};
	char id[UUID_TEXT_SIZE];
	char client[UUID_TEXT_SIZE];

	if (!find_image(call, o->username, call->args.n ? call->args.items[0] : NULL, &image, err))
		return false;
	id_of_image(image.username, image.name, id);
	id_of_image_for_client(image.username, image.name, client);
	if (j) {
		json_out_text(j, "username", image.username);
		json_out_text(j, "name", image.name);
		json_out_text(j, "id", id);
		json_out_text(j, "client_id", client);
	} else {
		print_line("%s", id);
	}
	if (strcmp(id, client) != 0)
		print_warning("the Python client never finds '%s', because of its capitals: it "
			      "looks for %s",
			      image.name, client);
	return true;
}

static const struct command id_image = {
	.name = "image",
	.arguments = "[NAME:TAG]",
	.summary = "tell the id of an image",
	.about = "The id of NAME:TAG, or of the image of chute.yaml. Another user's is\n"
		 "USER/NAME:TAG. The platform keeps capitals of the name and its Python client\n"
		 "does not, so both are in the JSON result.",
	.options = rows,
	.options_size = sizeof(struct id_options),
	.examples = {"chutes id image chutes/vllm:0.6.3", "chutes id image hello:0.1 --username me",
		     "chutes id image --json | jq -r .result.id"},
	.exits = {ERROR_SPEC, ERROR_AUTH, ERROR_NOT_FOUND},
	.see_also = {"id chute", "render"},
	.run = run_image,
};

/* --- chutes */

/* The id of `given`, which may be one itself, or of the spec's chute. */
static bool find_chute(const struct call *call, const char *option, const char *given,
		       char out[UUID_TEXT_SIZE], struct error *err)
{
	auto_free char *username = NULL;
	auto_spec spec = {0};

	if (given && is_uuid(given)) {
		memcpy(out, given, UUID_TEXT_SIZE);
		return true;
	}
	if (!given && !project_any_spec(call, &spec, err))
		return false;
	if (!owner_find(call, option, given ? NULL : &spec, &username, err))
		return false;
	id_of_chute(username, given ? given : spec.name, out);
	return true;
}

static bool run_chute(struct call *call, struct error *err)
{
	const struct id_options *o = call->options;
	char id[UUID_TEXT_SIZE];

	if (!check_words(call, err) ||
	    !find_chute(call, o->username, call->args.n ? call->args.items[0] : NULL, id, err))
		return false;
	if (print_result())
		json_out_text(print_result(), "id", id);
	else
		print_line("%s", id);
	return true;
}

static const struct command id_chute = {
	.name = "chute",
	.arguments = "[NAME]",
	.summary = "tell the id of a chute",
	.about = "The id of the chute NAME, or of the one of chute.yaml. It stays the same\n"
		 "whatever is deployed under that name.",
	.options = rows,
	.options_size = sizeof(struct id_options),
	.examples = {"chutes id chute", "chutes id chute hello --username me --json"},
	.exits = {ERROR_SPEC, ERROR_AUTH, ERROR_NOT_FOUND},
	.see_also = {"id version", "id image"},
	.run = run_chute,
};

/* --- versions */

struct version_options {
	const char *username;
	const char *image;
	const char *code;
	const char *patch;
};
static const struct option_row version_rows[] = {
	USERNAME_ROW(version_options),
	OPT(0, "image", TEXT, version_options, image, "IMAGE",
	    "the image, NAME:TAG or its id (default: the spec's)"),
	OPT(0, "code", TEXT, version_options, code, "FILE",
	    "the module that is sent (default: made from the spec)"),
	OPT(0, "patch", TEXT, version_options, patch, "PATCH",
	    "patch_version of the image, which a server tells; none for a server without "
	    "(default " ID_FIRST_PATCH ")"),
	OPT_END};

static bool find_image_id(const struct call *call, const struct version_options *o,
			  char out[UUID_TEXT_SIZE], struct error *err)
{
	auto_image_name image = {0};

	if (o->image && is_uuid(o->image)) {
		memcpy(out, o->image, UUID_TEXT_SIZE);
		return true;
	}
	if (!find_image(call, o->username, o->image, &image, err))
		return false;
	id_of_image(image.username, image.name, out);
	return true;
}

static bool find_code(const struct call *call, const struct version_options *o, struct text *out,
		      struct error *err)
{
	auto_spec spec = {0};
	auto_owner owner = {0};
	auto_lowered_code code = {0};

	if (o->code)
		return file_read(o->code, CODE_LIMIT, out, err);
	if (!project_any_spec(call, &spec, err) ||
	    !owner_of_spec(call, o->username, &spec, &owner, err))
		return false;
	struct lower_names names = owner_names(&owner);

	if (!lower_code(&spec, &names, &code, err))
		return false;
	*out = code.code;
	code.code = (struct text){0};
	return true;
}

static bool run_version(struct call *call, struct error *err)
{
	const struct version_options *o = call->options;
	struct json_out *j = print_result();
	const char *patch = o->patch ? o->patch : ID_FIRST_PATCH;
	auto_text code = {0};
	char image[UUID_TEXT_SIZE];
	char id[UUID_TEXT_SIZE];

	if (!find_image_id(call, o, image, err) || !find_code(call, o, &code, err))
		return false;
	if (strlen(text_str(&code)) != code.len)
		return fail(err, ERROR_USAGE, "'%s' is not text: it has a NUL byte", o->code);
	if (strcmp(patch, "none") == 0)
		patch = NULL;
	id_of_version(image, patch, text_str(&code), id);
	if (j) {
		json_out_text(j, "image_id", image);
		json_out_text(j, "patch_version", patch);
		json_out_text(j, "id", id);
	} else {
		print_line("%s", id);
	}
	return true;
}

static const struct command id_version = {
	.name = "version",
	.summary = "tell the version that a deployment would get",
	.about = "The version of what chute.yaml becomes, which the platform makes from the\n"
		 "image and the code: a deployment of the version that is there changes nothing\n"
		 "and is refused.",
	.options = version_rows,
	.options_size = sizeof(struct version_options),
	.examples = {"chutes id version",
		     "chutes id version --image chutes/vllm:0.6.3 --code app.py --json"},
	.exits = {ERROR_SPEC, ERROR_AUTH, ERROR_NOT_FOUND},
	.see_also = {"render", "id chute"},
	.run = run_version,
};

/* --- secrets */

struct secret_options {
	const char *username;
	const char *chute;
	const char *user_id;
};
static const struct option_row secret_rows[] = {
	USERNAME_ROW(secret_options),
	OPT(0, "chute", TEXT, secret_options, chute, "CHUTE",
	    "name or id of the chute (default: the spec's)"),
	OPT(0, "user-id", TEXT, secret_options, user_id, "UUID",
	    "id of the user (default auth.user_id)"),
	OPT_END};

static bool find_user_id(const struct call *call, const struct secret_options *o, char **out,
			 struct error *err)
{
	auto_config c = {0};

	if (!o->user_id && !settings_load(call, &c, err))
		return false;
	const char *id = o->user_id ? o->user_id : c.values[CONFIG_USER_ID].text;

	if (!id) {
		fail(err, ERROR_USAGE, "the id of a secret needs the id of its user");
		return fail_hint(err, "pass --user-id UUID, or set auth.user_id with 'chutes "
				      "config set'");
	}
	if (!is_uuid(id))
		return fail(err, ERROR_USAGE, "%s '%s' is no UUID in small letters",
			    o->user_id ? "--user-id" : "auth.user_id", id);
	*out = xstrdup(id);
	return true;
}

/* Those that are asked for, else those of the spec. */
static bool find_keys(const struct call *call, struct strings *out, struct error *err)
{
	auto_spec spec = {0};

	strings_add_all(out, &call->args);
	if (out->n > 0)
		return true;
	if (!project_any_spec(call, &spec, err))
		return false;
	for (size_t i = 0; i < spec.secrets.n; i++)
		strings_add(out, spec.secrets.items[i].name);
	return true;
}

static void show_secrets(const struct call *call, const char *user, const char *chute,
			 const struct strings *keys)
{
	struct json_out *j = print_result();

	if (j)
		json_out_array(j, "secrets");
	for (size_t i = 0; i < keys->n; i++) {
		char id[UUID_TEXT_SIZE];

		id_of_secret(user, chute, keys->items[i], id);
		if (j) {
			json_out_object(j, NULL);
			json_out_text(j, "key", keys->items[i]);
			json_out_text(j, "id", id);
			json_out_object_end(j);
		} else if (call->args.n == 1) {
			print_line("%s", id);
		} else {
			print_line("%s  %s", id, keys->items[i]);
		}
	}
	if (j)
		json_out_array_end(j);
}

static bool run_secret(struct call *call, struct error *err)
{
	const struct secret_options *o = call->options;
	auto_free char *user = NULL;
	auto_strings keys = {0};
	char chute[UUID_TEXT_SIZE];

	if (!check_words(call, err) || !find_user_id(call, o, &user, err) ||
	    !find_keys(call, &keys, err) || !find_chute(call, o->username, o->chute, chute, err))
		return false;
	show_secrets(call, user, chute, &keys);
	return true;
}

static const struct command id_secret = {
	.name = "secret",
	.arguments = "[KEY]...",
	.summary = "tell the ids of a chute's secrets",
	.about = "The id of each secret KEY, or of those that chute.yaml names. It says nothing\n"
		 "of the value.",
	.options = secret_rows,
	.options_size = sizeof(struct secret_options),
	.examples = {"chutes id secret HF_TOKEN", "chutes id secret HF_TOKEN --chute hello --json"},
	.exits = {ERROR_SPEC, ERROR_AUTH, ERROR_NOT_FOUND},
	.see_also = {"id chute", "config set"},
	.run = run_secret,
};

static const struct command *const subcommands[] = {&id_image, &id_chute, &id_version, &id_secret,
						    NULL};

const struct command command_id = {
	.name = "id",
	.summary = "tell the ids that the platform gives, offline",
	.about = "The platform makes its ids from names, so they are known before anything is\n"
		 "sent: of images, chutes, versions and secrets. Nothing is asked.",
	.examples = {"chutes id chute", "chutes id image chutes/vllm:0.6.3"},
	.see_also = {"render", "config"},
	.sub = subcommands,
	.group = GROUP_TOOLS,
};
