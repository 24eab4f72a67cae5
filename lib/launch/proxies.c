/* SPDX-License-Identifier: MIT */
#include "lib/launch/proxies.h"

#include "lib/base/env.h"
#include "lib/base/loopback.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <string.h>

static const struct {
	enum env_name name;
	const char *lower;
	const char *upper; /* NULL: programs do not trust it */
} proxies[] = {
	{ENV_HTTP_PROXY, "http_proxy", NULL},
	{ENV_HTTPS_PROXY, "https_proxy", "HTTPS_PROXY"},
	{ENV_ALL_PROXY, "all_proxy", "ALL_PROXY"},
};

static void add(struct strings *env, const char *name, const char *value)
{
	if (name && !strings_env_find(env, name))
		strings_env_set(env, name, value);
}

void proxies_add(struct strings *env)
{
	const char *without = env_get(ENV_NO_PROXY);
	auto_free char *local =
		xprintf("%s%slocalhost,127.0.0.1,::1", without ? without : "", without ? "," : "");
	bool has_any = false;

	for (size_t i = 0; i < array_len(proxies); i++) {
		const char *value = env_get(proxies[i].name);

		if (!value)
			continue;
		add(env, proxies[i].lower, value);
		add(env, proxies[i].upper, value);
		has_any = true;
	}
	if (!has_any)
		return;
	/* a chute that asks itself */
	add(env, "no_proxy", local);
	add(env, "NO_PROXY", local);
}

/* Where the host of "http://user:password@127.0.0.1:3128/" begins, if it is this machine; `len`. */
static const char *find_local(const char *url, size_t *len)
{
	const char *scheme = strstr(url, "://");
	const char *start = scheme ? scheme + 3 : url;
	size_t size = strcspn(start, "/");
	const char *host = start;

	for (size_t i = 0; i < size; i++)
		if (start[i] == '@')
			host = start + i + 1;
	*len = strcspn(host, ":/");
	bool is_local = host_is_loopback(host, *len);

	return is_local ? host : NULL;
}

size_t proxies_local_ports(const struct strings *env, uint16_t *ports, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < array_len(proxies); i++) {
		const char *url = strings_env_find(env, proxies[i].lower);
		size_t len;
		const char *host = url ? find_local(url, &len) : NULL;
		long port = host && host[len] == ':' ? strtol(host + len + 1, NULL, 10) : 80;
		bool is_new = host && port > 0 && port <= UINT16_MAX;

		for (size_t j = 0; j < n; j++)
			is_new = is_new && ports[j] != port;
		if (is_new && n < max)
			ports[n++] = (uint16_t)port;
	}
	return n;
}

static void translate(struct strings *env, const char *name, const char *host)
{
	const char *url = name ? strings_env_find(env, name) : NULL;
	size_t len;
	const char *old = url ? find_local(url, &len) : NULL;

	if (!old)
		return;
	auto_free char *new = xprintf("%.*s%s%s", (int)(old - url), url, host, old + len);

	strings_env_set(env, name, new);
}

void proxies_translate(struct strings *env, const char *host)
{
	for (size_t i = 0; i < array_len(proxies); i++) {
		translate(env, proxies[i].lower, host);
		translate(env, proxies[i].upper, host);
	}
}
