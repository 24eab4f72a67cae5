/* SPDX-License-Identifier: MIT */
#include "cli/client.h"

#include "cli/print.h"
#include "lib/base/memory.h"
#include "lib/config/ini.h"
#include "lib/platform/credentials.h"
#include "lib/spec/spec.h"

#include <string.h>

void client_release(struct client *c)
{
	http_client_free(c->http);
	sr25519_key_free(c->hotkey);
	wipe_text(c->api_key);
	config_key_file_release(&c->key_file);
	free(c->key_source);
	free(c->key_path);
	signer_release(&c->signer);
	config_release(&c->config);
	*c = (struct client){0};
}

bool client_has_hotkey(const struct client *c) { return c->signer.kind != SIGNER_NONE; }

bool client_has_key(const struct client *c) { return c->key_kind != CLIENT_KEY_NONE; }

/* --- where the API key is */

/* "CHUTES_API_KEY", or "'auth.api_key' in FILE" */
static char *source_of(const struct config *c, enum config_setting setting)
{
	const struct config_value *v = &c->values[setting];

	return v->origin >= CONFIG_FROM_PROFILE
		       ? xprintf("'%s' in %s", config_row(setting)->name, v->where)
		       : xstrdup(v->where);
}

static void take_source(struct client *c, enum client_key_kind kind, enum config_setting setting)
{
	c->key_kind = kind;
	c->key_source = source_of(&c->config, setting);
}

static bool fail_both(const struct config *c, struct error *err)
{
	auto_free char *key = source_of(c, CONFIG_API_KEY);
	auto_free char *file = source_of(c, CONFIG_API_KEY_FILE);

	fail(err, ERROR_USAGE, "%s and %s both give an API key", key, file);
	return fail_hint(err, "take one of them back");
}

/* ~/.netrc, last of all and only for who wants it. */
static bool find_in_netrc(struct client *c, struct error *err)
{
	const char *home = env_get(ENV_HOME);
	auto_free char *path = xprintf("%s/.netrc", home ? home : "");
	int found = home ? netrc_find(path, c->server.base_url, &c->api_key, err) : 0;

	if (found <= 0)
		return found == 0;
	c->key_kind = CLIENT_KEY_NETRC;
	c->key_source = xstrdup(path);
	c->key_path = take(path);
	return true;
}

static bool find_key(struct client *c, struct error *err)
{
	const struct config_value *key = &c->config.values[CONFIG_API_KEY];
	const struct config_value *file = &c->config.values[CONFIG_API_KEY_FILE];

	if (key->text && file->text && key->origin == file->origin)
		return fail_both(&c->config, err);
	if (key->text && (!file->text || key->origin < file->origin)) {
		take_source(c, CLIENT_KEY_SETTING, CONFIG_API_KEY);
		if (key->origin >= CONFIG_FROM_PROFILE)
			c->key_path = xstrdup(key->where);
	} else if (file->text) {
		take_source(c, CLIENT_KEY_FILE, CONFIG_API_KEY_FILE);
		c->key_path = xstrdup(file->text);
		return config_key_file_load(file->text, &c->key_file, err) ||
		       fail_in(err, "%s", c->key_source);
	} else if (c->config.values[CONFIG_CREDENTIAL_HELPER].text) {
		take_source(c, CLIENT_KEY_HELPER, CONFIG_CREDENTIAL_HELPER);
	}
	return true;
}

/* --- which server */

static void find_server(struct client *c)
{
	const struct config_value *v = c->config.values;

	c->server = (struct sign_server){.base_url = v[CONFIG_BASE_URL].text,
					 .scheme = v[CONFIG_SCHEME].text,
					 .key = v[CONFIG_SERVER_KEY].text};
	c->user_id = v[CONFIG_USER_ID].text;
	if (c->key_kind != CLIENT_KEY_FILE || v[CONFIG_BASE_URL].origin != CONFIG_FROM_DEFAULT ||
	    strcmp(c->key_file.base_url, c->server.base_url) == 0)
		return;
	/* who names nothing but the file means its server, of which nothing else is known */
	c->server = (struct sign_server){.base_url = c->key_file.base_url,
					 .key = c->key_file.server_key};
	c->user_id = NULL;
}

bool client_load(const struct call *call, const struct signer_options *signer, bool uses_netrc,
		 enum settings_use use, struct client *out, struct error *err)
{
	auto_client c = {0};

	if (!signer_settings_load(call, signer, use, &c.config, err) ||
	    !signer_find(&c.config, &c.signer, err) || !find_key(&c, err))
		return false;
	find_server(&c);
	if (c.key_kind == CLIENT_KEY_NONE && (uses_netrc || env_is_on(ENV_CHUTES_NETRC)) &&
	    !find_in_netrc(&c, err))
		return false;
	*out = c;
	c = (struct client){0};
	return true;
}

/* --- what may go there */

bool client_key_check(const struct client *c, struct error *err)
{
	const struct config_value *v = c->config.values;

	/* a cloned repository may say which of our servers it is for, but not who gets this key */
	bool is_unsaid = v[CONFIG_BASE_URL].origin == CONFIG_FROM_DEFAULT ||
			 (v[CONFIG_BASE_URL].origin == CONFIG_FROM_PROFILE &&
			  v[CONFIG_PROFILE].origin == CONFIG_FROM_PROJECT);

	if (c->key_kind == CLIENT_KEY_SETTING &&
	    v[CONFIG_API_KEY].origin == CONFIG_FROM_ENVIRONMENT && is_unsaid) {
		fail(err, ERROR_USAGE, "nothing says which server %s is for", c->key_source);
		return fail_hint(err, "set CHUTES_API_URL, or name it with --profile; a file with "
				      "the key (CHUTES_API_KEY_FILE) says it itself");
	}
	if (c->key_kind == CLIENT_KEY_FILE &&
	    strcmp(c->key_file.base_url, c->server.base_url) != 0) {
		fail(err, ERROR_AUTH, "the API key in '%s' is for %s, not for %s", c->key_path,
		     c->key_file.base_url, c->server.base_url);
		return fail_hint(err,
				 "ask that server with --api-url %s, or show this one another "
				 "credential",
				 c->key_file.base_url);
	}
	return platform_key_check(c->server.base_url, err);
}

static bool ask_helper(struct client *c, struct error *err)
{
	const char *command = c->config.values[CONFIG_CREDENTIAL_HELPER].text;
	int got = credential_helper_ask(command, c->server.base_url, CREDENTIAL_HELPER_MS,
					&c->api_key, err);

	return got > 0 || (got == 0 && fail(err, ERROR_AUTH, "%s knows no key for %s",
					    c->key_source, c->server.base_url));
}

/* What goes into a header must be able to. */
static bool check_form(const struct client *c, const char *key, struct error *err)
{
	for (const char *s = key; *s; s++)
		if (*s <= ' ' || *s > '~')
			return fail(err, ERROR_AUTH, "the API key of %s has a byte that none has",
				    c->key_source);
	return true;
}

static bool read_key(struct client *c, const char **out, struct error *err)
{
	if (!client_key_check(c, err))
		return false;
	switch (c->key_kind) {
	case CLIENT_KEY_NONE:
		break;
	case CLIENT_KEY_SETTING:
		*out = c->config.values[CONFIG_API_KEY].text;
		break;
	case CLIENT_KEY_FILE:
		*out = c->key_file.api_key;
		break;
	case CLIENT_KEY_HELPER:
		if (!c->api_key && !ask_helper(c, err))
			return false;
		*out = c->api_key;
		break;
	case CLIENT_KEY_NETRC:
		*out = c->api_key;
		break;
	}
	return !*out || check_form(c, *out, err);
}

bool client_open(struct client *c, const struct signer_options *signer, enum platform_auth auth,
		 struct platform *out, struct error *err)
{
	const char *api_key = NULL;

	if (auth == PLATFORM_AUTH_KEY && !read_key(c, &api_key, err))
		return false;
	if (auth == PLATFORM_AUTH_HOTKEY && !c->hotkey &&
	    !signer_key(&c->signer, signer, &c->config, &c->hotkey, err))
		return false;
	if (!c->http && !http_client_new(&c->http, err))
		return false;
	*out = (struct platform){
		.http = c->http,
		.server = c->server,
		.user_id = c->user_id,
		.sdk_version = SPEC_SDK_VERSION,
		.hotkey = auth == PLATFORM_AUTH_HOTKEY ? c->hotkey : NULL,
		.api_key = api_key,
	};
	return true;
}
