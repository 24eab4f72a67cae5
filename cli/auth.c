/* SPDX-License-Identifier: MIT
 * chutes auth: who we are to the server, and how it would know. No secret is shown.
 */
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "lib/base/interrupt.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/wallet/wallet.h"

#include <stdio.h>
#include <string.h>

struct auth_options {
	bool is_online;
	struct signer_options signer;
	bool uses_netrc;
};
static const struct option_row rows[] = {
	OPT(0, "online", FLAG, auth_options, is_online, NULL,
	    "also ask the server who it takes us for, and what time it has"),
	CLIENT_ROWS(auth_options), OPT_END};

/* --- what there is */

/* One credential, without its secret. */
struct credential {
	const char *source; /* NULL: there is none */
	const char *path;   /* of its file; NULL: none */
	char mode[8];       /* "0600"; "": no file */
	bool is_encrypted;
	char address[SS58_TEXT_SIZE]; /* hotkey; "": not known */
	struct error problem;         /* message "": it can be used */
};

static void read_mode(struct credential *c)
{
	struct stat st;

	if (c->path && stat(c->path, &st) == 0)
		snprintf(c->mode, sizeof(c->mode), "%04o", (unsigned)st.st_mode & 07777);
}

/* The address that stands beside a hotkey which only a password opens. */
static void read_public(struct credential *c)
{
	auto_free char *path = xprintf("%s" WALLET_PUBLIC_END, c->path);
	auto_key_file file = {0};
	auto_wallet_key key = {0};
	struct error ignored; /* then it is not known */

	if (key_file_load(path, &file, &ignored) && key_file_public(&file, &key, &ignored))
		memcpy(c->address, key.address, sizeof(c->address));
}

static void look_at_hotkey(const struct client *client, const struct signer_options *o,
			   struct credential *c)
{
	auto_key_file file = {0};
	auto_sr25519_key struct sr25519_key *key = NULL;

	if (!client_has_hotkey(client))
		return;
	c->source = client->signer.source;
	c->path = client->signer.path;
	read_mode(c);
	if (c->path && !signer_load(&client->signer, &file, &c->problem))
		return;
	c->is_encrypted = file.is_encrypted;
	if (c->is_encrypted)
		read_public(c);
	else if (signer_key(&client->signer, o, &client->config, &key, &c->problem))
		ss58_format_key(sr25519_key_public(key), c->address);
}

/* May the hotkey sign for this server? */
static void check_hotkey(const struct client *client, struct credential *c)
{
	struct sign_peer peer;

	if (c->source && !c->problem.message[0] &&
	    sign_server_check(&client->server, client->server.base_url, &peer, &c->problem))
		c->problem = (struct error){0};
}

static void look_at_key(const struct client *client, struct credential *c)
{
	if (!client_has_key(client))
		return;
	c->source = client->key_source;
	c->path = client->key_path;
	read_mode(c);
	if (client_key_check(client, &c->problem))
		c->problem = (struct error){0};
}

static bool is_usable(const struct credential *c) { return c->source && !c->problem.message[0]; }

/* --- what the server says */

struct online {
	bool is_asked;
	char *username; /* NULL: it does not say */
	char *user_id;
	enum platform_auth auth;
	bool has_skew;
	int64_t skew_seconds;
};
static void online_release(struct online *o)
{
	free(o->username);
	free(o->user_id);
}
#define auto_online __attribute__((cleanup(online_release))) struct online

static char *copy_member(const struct json *json, const char *name)
{
	const char *text = json_text(json_find(json, name));

	return text ? xstrdup(text) : NULL;
}

static bool ask(const struct call *call, struct client *c, bool has_hotkey, bool has_key,
		struct online *out, struct error *err)
{
	const struct auth_options *o = call->options;
	struct platform_request r = {.method = "GET",
				     .target = "/users/me",
				     .retries = PLATFORM_RETRIES,
				     .timeout_ms = call->globals.timeout_ms};
	struct platform p;
	auto_platform_answer answer = {0};
	auto_json struct json *json = NULL;

	if (!platform_auth_choose(&c->server, &r, has_hotkey, has_key, &r.auth, err) ||
	    !client_open(c, &o->signer, r.auth, &p, err))
		return false;
	interrupt_catch();
	if (!platform_send(&p, &r, &answer, err))
		return false;
	out->is_asked = true;
	out->auth = r.auth;
	out->has_skew = platform_skew(&answer.http, &out->skew_seconds);
	if (answer.http.status / 100 != 2)
		return platform_fail(&p, &r, &answer, err);
	if (!platform_json(&r, &answer, &json, err))
		return false;
	out->username = copy_member(json, "username");
	out->user_id = copy_member(json, "user_id");
	return true;
}

/* --- showing it */

static void show_credential(const char *label, const struct credential *c)
{
	size_t len = strlen(label);
	auto_text line = {0};

	if (!c->source) {
		print_line("%-11s none", label);
		return;
	}
	/* "hotkey 'dev' of wallet 'me'" beside "hotkey" */
	bool says_label = text_starts_with(c->source, label) && c->source[len] == ' ';

	text_add(&line, says_label ? c->source + len + 1 : c->source);
	if (c->address[0])
		text_addf(&line, ", %s", c->address);
	if (c->path && c->mode[0])
		text_addf(&line, " (%s%s%s)", strcmp(c->path, c->source) == 0 ? "" : c->path,
			  strcmp(c->path, c->source) == 0 ? "mode " : ", mode ", c->mode);
	if (c->is_encrypted)
		text_add(&line, ", encrypted");
	print_line("%-11s %s", label, text_str(&line));
	if (c->problem.message[0])
		print_line("%-11s not usable: %s", "", c->problem.message);
}

static void show_text(const struct client *c, const struct credential *hotkey,
		      const struct credential *key, const struct online *online)
{
	const struct config_value *url = &c->config.values[CONFIG_BASE_URL];
	const char *username = c->config.values[CONFIG_USERNAME].text;
	bool is_of_file = c->server.base_url == c->key_file.base_url;
	auto_text skew = {0};

	print_line("%-11s %s (%s%s%s)", "server", c->server.base_url,
		   is_of_file ? "the API key's file" : config_origin_name(url->origin),
		   !is_of_file && url->where ? " " : "",
		   !is_of_file && url->where ? url->where : "");
	print_line("%-11s %s", "scheme", c->server.scheme ? c->server.scheme : "not known");
	if (c->server.key)
		print_line("%-11s %s", "server key", c->server.key);
	show_credential("hotkey", hotkey);
	show_credential("API key", key);
	if (!online->is_asked) {
		if (username)
			print_line("%-11s %s", "account", username);
		return;
	}
	if (online->username || online->user_id)
		print_line("%-11s %s%s%s, as the server says", "account",
			   online->username ? online->username : "",
			   online->username && online->user_id ? " " : "",
			   online->user_id ? online->user_id : "");
	if (online->has_skew)
		platform_skew_show(online->skew_seconds, &skew);
	print_line("%-11s %s", "clock", online->has_skew ? text_str(&skew) : "not told");
}

static void tell_credential(struct json_out *j, const char *name, const struct credential *c)
{
	if (!c->source) {
		json_out_text(j, name, NULL);
		return;
	}
	json_out_object(j, name);
	json_out_text(j, "source", c->source);
	json_out_text(j, "path", c->path);
	json_out_text(j, "mode", c->mode[0] ? c->mode : NULL);
	json_out_bool(j, "encrypted", c->is_encrypted);
	json_out_bool(j, "usable", is_usable(c));
	json_out_text(j, "problem", c->problem.message[0] ? c->problem.message : NULL);
	if (strcmp(name, "hotkey") == 0)
		json_out_text(j, "address", c->address[0] ? c->address : NULL);
	json_out_object_end(j);
}

static void tell_online(struct json_out *j, const struct online *online)
{
	if (!online->is_asked) {
		json_out_text(j, "online", NULL);
		return;
	}
	json_out_object(j, "online");
	json_out_text(j, "auth", platform_auth_name(online->auth));
	json_out_text(j, "username", online->username);
	json_out_text(j, "user_id", online->user_id);
	if (online->has_skew)
		json_out_number(j, "skew_seconds", online->skew_seconds);
	else
		json_out_text(j, "skew_seconds", NULL);
	json_out_object_end(j);
}

static void tell(struct json_out *j, const struct client *c, const struct credential *hotkey,
		 const struct credential *key, const struct online *online)
{
	const struct config_value *v = c->config.values;
	bool is_of_file = c->server.base_url == c->key_file.base_url;

	json_out_object(j, "server");
	json_out_text(j, "url", c->server.base_url);
	json_out_text(j, "origin",
		      is_of_file ? "api_key_file" : config_origin_name(v[CONFIG_BASE_URL].origin));
	json_out_text(j, "where", is_of_file ? c->key_path : v[CONFIG_BASE_URL].where);
	json_out_text(j, "scheme", c->server.scheme);
	json_out_text(j, "key", c->server.key);
	json_out_object_end(j);
	tell_credential(j, "hotkey", hotkey);
	tell_credential(j, "api_key", key);
	json_out_object(j, "account");
	json_out_text(j, "username", v[CONFIG_USERNAME].text);
	json_out_text(j, "user_id", v[CONFIG_USER_ID].text);
	json_out_object_end(j);
	tell_online(j, online);
}

/* --- the command */

static bool fail_unusable(const struct client *c, const struct credential *hotkey,
			  const struct credential *key, struct error *err)
{
	const struct credential *broken = hotkey->source ? hotkey : key;

	if (broken->source) {
		*err = broken->problem;
		err->code = ERROR_AUTH;
		return fail_in(err, "no credential can be used with %s", c->server.base_url);
	}
	fail(err, ERROR_AUTH, "there is neither a hotkey nor an API key");
	return fail_hint(err, "make one with 'chutes wallet new', name one with --wallet, or set "
			      "CHUTES_API_KEY_FILE");
}

static bool run_status(struct call *call, struct error *err)
{
	const struct auth_options *o = call->options;
	auto_client c = {0};
	struct credential hotkey = {0};
	struct credential key = {0};
	auto_online online = {0};

	enum settings_use use = o->is_online ? SETTINGS_TO_SEND : SETTINGS_TO_SHOW;

	if (!client_load(call, &o->signer, o->uses_netrc, use, &c, err))
		return false;
	look_at_hotkey(&c, &o->signer, &hotkey);
	check_hotkey(&c, &hotkey);
	look_at_key(&c, &key);
	bool is_good = is_usable(&hotkey) || is_usable(&key);
	bool ok = !is_good ? fail_unusable(&c, &hotkey, &key, err)
			   : !o->is_online || ask(call, &c, is_usable(&hotkey), is_usable(&key),
						  &online, err);

	if (print_result())
		tell(print_result(), &c, &hotkey, &key, &online);
	else
		show_text(&c, &hotkey, &key, &online);
	print_result_stays();
	return ok;
}

static const struct command auth_status = {
	.name = "status",
	.summary = "show who asks the server, and with what",
	.about = "The server and how requests to it are signed; the hotkey and the API key with\n"
		 "who names them, where they are and who can read them, but no secret. With\n"
		 "--online the server is asked for the account and the time. The exit status is\n"
		 "4 when there is nothing that could be shown to the server.",
	.options = rows,
	.options_size = sizeof(struct auth_options),
	.examples = {"chutes auth status --online",
		     "chutes auth status --json | jq -r .result.hotkey.address"},
	.exits = {ERROR_SPEC, ERROR_AUTH, ERROR_NOT_FOUND, ERROR_TIMEOUT, ERROR_NETWORK,
		  ERROR_SERVER, ERROR_MISSING, ERROR_INTERRUPTED},
	.see_also = {"config list", "request"},
	.aliases = "whoami",
	.run = run_status,
};

static const struct command *const auth_commands[] = {&auth_status, NULL};

const struct command command_auth = {
	.name = "auth",
	.summary = "show who we are to the server",
	.about = "Requests are signed by a hotkey, or carry an API key. Both belong to a server:\n"
		 "the profile's, or the one that a file with an API key names.",
	.examples = {"chutes auth status", "chutes auth status --online --json"},
	.see_also = {"config", "request"},
	.group = GROUP_ACCOUNT,
	.sub = auth_commands,
	.fallback = &auth_status,
};
