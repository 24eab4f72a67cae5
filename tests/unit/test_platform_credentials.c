/* SPDX-License-Identifier: MIT
 * API keys from programs and from netrc files.
 */
#include "lib/platform/credentials.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/base/time.h"

#include <sys/stat.h>

#include "tests/unit/project_fixture.h"

static int find(const char *text, char **key, struct error *err)
{
	return netrc_find_in("n", text, "api.test", key, err);
}

TEST(netrc)
{
	static const struct {
		const char *text;
		const char *key; /* NULL: none */
	} cases[] = {
		{"", NULL},
		{"machine api.test login a password b", "b"},
		{"machine API.Test\n\tpassword b\n\tlogin a\n", "b"},
		{"machine other password x\nmachine api.test password b", "b"},
		{"machine api.test login a\nmachine other password x", NULL},
		{"machine api.test.evil password x", NULL},
		{"default login a password x", NULL},
		{"machine api.test login a default password x", NULL},
		{"# machine api.test password x\nmachine api.test password b", "b"},
		{"macdef m\n machine api.test password x\n\nmachine api.test password b", "b"},
		{"machine api.test password \"b c\\\"d\"", "b c\"d"},
		{"machine api.test password #b", "#b"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_free char *key = NULL;
		struct error err;

		CHECK(find(cases[i].text, &key, &err) == (cases[i].key != NULL));
		if (cases[i].key)
			CHECK_TEXT(key, cases[i].key);
	}
}

TEST(netrc_of_addresses)
{
	static const struct {
		const char *machine;
		int found;
	} cases[] = {{"::1", 1}, {"[::1]", 1}, {"[::1", 0}, {"::11", 0}, {"[", 0}, {"::2", 0}};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_folder f = folder_new();
		auto_free char *path = path_join(f.path, "netrc");
		auto_free char *text = xprintf("machine %s password b", cases[i].machine);
		auto_free char *key = NULL;
		struct error err;

		folder_put(&f, "netrc", text, 1);
		CHECK(chmod(path, 0600) == 0);
		CHECK(netrc_find(path, "http://[::1]:8443", &key, &err) == cases[i].found);
	}
}

TEST(what_is_no_netrc)
{
	static const char *const bad[] = {"machine", "machine a\nmachine api.test password",
					  "cpk_secret", "machine api.test passwort x"};

	for (size_t i = 0; i < array_len(bad); i++) {
		auto_free char *key = NULL;
		struct error err;

		CHECK(find(bad[i], &key, &err) == -1 && err.code == ERROR_USAGE);
		CHECK_TEXT(err.message, i == 1 ? "'n' is no netrc file: line 2"
					       : "'n' is no netrc file: line 1");
	}
}

TEST(a_netrc_that_others_can_read)
{
	auto_folder f = folder_new();
	auto_free char *path = path_join(f.path, "netrc");
	auto_free char *key = NULL;
	struct error err;

	CHECK(netrc_find(path, "https://api.test:8443", &key, &err) == 0);
	folder_put(&f, "netrc", "machine api.test password b", 1);
	CHECK(chmod(path, 0640) == 0);
	CHECK(netrc_find(path, "https://api.test:8443", &key, &err) == -1 &&
	      err.code == ERROR_AUTH);
	CHECK(!strstr(err.message, "password b"));
	CHECK(chmod(path, 0600) == 0);
	CHECK(netrc_find(path, "https://api.test:8443", &key, &err) == 1);
	CHECK_TEXT(key, "b");
}

static int ask(const struct folder *f, const char *script, uint64_t timeout_ms, char **key,
	       struct error *err)
{
	auto_free char *path = path_join(f->path, "helper");
	auto_free char *command = xprintf("%s a;b $(touch x)", path);

	folder_put(f, "helper", script, 1);
	CHECK(chmod(path, 0700) == 0);
	return credential_helper_ask(command, "https://api.test:8443", timeout_ms, key, err);
}

TEST(a_helper)
{
	auto_folder f = folder_new();
	auto_free char *key = NULL;
	auto_text asked = {0};
	struct error err;
	auto_free char *log = path_join(f.path, "log");
	auto_free char *script =
		xprintf("#!/bin/sh\necho \"$*\" > %s; cat >> %s\necho username=u\necho "
			"password=k=1\necho password=2\n",
			log, log);

	CHECK(ask(&f, script, 20000, &key, &err) == 1);
	CHECK_TEXT(key, "k=1");
	CHECK_OK(file_read(log, 1000, &asked, &err), err);
	CHECK_TEXT(text_str(&asked), "a;b $(touch x) get\nprotocol=https\nhost=api.test:8443\n\n");
}

TEST(helpers_that_fail)
{
	static const struct {
		const char *script;
		uint64_t timeout_ms;
		const char *message; /* its end; NULL: it knows no key */
	} cases[] = {
		{"#!/bin/sh\n", 20000, NULL},
		{"#!/bin/sh\necho password=\n", 20000, NULL},
		{"#!/bin/sh\necho password=secret\nexit 3\n", 20000, "it ended with status 3"},
		{"#!/bin/sh\necho password=secret\nexec sleep 60\n", 100, "it does not answer"},
		{"#!/bin/sh\necho password=secret\nexec sleep 60 >&-\n", 100, "it does not end"},
		{"#!/bin/sh\nhead -c 5000 /dev/zero\n", 20000, "it prints more than 4094 bytes"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_folder f = folder_new();
		auto_free char *key = NULL;
		struct error err = {0};

		CHECK(ask(&f, cases[i].script, cases[i].timeout_ms, &key, &err) ==
		      (cases[i].message ? -1 : 0));
		CHECK(!key && (!cases[i].message || err.code == ERROR_AUTH));
		if (cases[i].message && !CHECK(text_ends_with(err.message, cases[i].message)))
			printf("# %s\n", err.message);
		CHECK(!strstr(err.message, "secret"));
	}
	auto_free char *key = NULL;
	struct error err;

	CHECK(credential_helper_ask("/nonexistent/x", "https://a", 1000, &key, &err) == -1 &&
	      err.code == ERROR_AUTH);
}
