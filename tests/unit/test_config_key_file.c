/* SPDX-License-Identifier: MIT
 * Files with one API key and its server.
 */
#include "lib/config/config.h"

#include "lib/base/text.h"

#include <sys/stat.h>

#include "tests/unit/project_fixture.h"

#define ADDRESS "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV"

TEST(what_is_written_is_read)
{
	auto_folder f = folder_new();
	auto_free char *path = path_join(f.path, "ci.key");
	char url[] = "http://127.0.0.1:8600";
	char server[] = ADDRESS;
	char key[] = "cpk_50%s";
	struct config_key_file file = {.base_url = url, .server_key = server, .api_key = key};
	auto_config_key_file read = {0};
	auto_text text = {0};
	struct stat st;
	struct error err;

	CHECK_OK(config_key_file_save(path, &file, &err), err);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600);
	CHECK_OK(file_read(path, 4096, &text, &err), err);
	CHECK_TEXT(text_str(&text), "[api]\nbase_url = http://127.0.0.1:8600\nserver_key = " ADDRESS
				    "\n\n[auth]\napi_key = cpk_50%%s\n");
	CHECK_OK(config_key_file_load(path, &read, &err), err);
	CHECK_TEXT(read.base_url, url);
	CHECK_TEXT(read.server_key, server);
	CHECK_TEXT(read.api_key, key);
	CHECK(!config_key_file_save(path, &file, &err) && err.code == ERROR_CONFLICT);
}

TEST(what_is_no_such_file)
{
	static const struct {
		const char *text;
		const char *message; /* what it contains */
	} cases[] = {
		{"cpk_secret\n", ":1: "},
		{"", "does not say 'api.base_url'"},
		{"[api]\nbase_url = https://a\n", "does not say 'auth.api_key'"},
		{"[auth]\napi_key = secret\n", "does not say 'api.base_url'"},
		{"[api]\nbase_url = a\n[auth]\napi_key = secret\n", "'api.base_url' cannot be 'a'"},
		{"[api]\nbase_url = https://a\nscheme = btauth\n[auth]\napi_key = secret\n",
		 ":3: 'scheme' cannot stand in a file with an API key"},
		{"[api]\nbase_url = https://a\n[auth]\napi_key = secret\n[profile p]\n"
		 "api_key = secret\n",
		 ":6: 'api_key' cannot stand in a file with an API key"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_folder f = folder_new();
		auto_free char *path = path_join(f.path, "ci.key");
		auto_config_key_file read = {0};
		struct error err;

		folder_put(&f, "ci.key", cases[i].text, 1);
		CHECK(chmod(path, 0600) == 0);
		CHECK(!config_key_file_load(path, &read, &err) && err.code == ERROR_USAGE);
		if (!CHECK(strstr(err.message, cases[i].message)))
			printf("# %s\n", err.message);
		CHECK(!strstr(err.message, "secret") && !read.api_key);
	}
}

TEST(a_key_that_others_can_read)
{
	auto_folder f = folder_new();
	auto_free char *path = path_join(f.path, "ci.key");
	auto_config_key_file read = {0};
	struct error err;

	CHECK(!config_key_file_load(path, &read, &err) && err.code == ERROR_NOT_FOUND);
	folder_put(&f, "ci.key", "[api]\nbase_url = https://a\n[auth]\napi_key = secret\n", 1);
	CHECK(chmod(path, 0604) == 0);
	CHECK(!config_key_file_load(path, &read, &err) && err.code == ERROR_AUTH);
	CHECK(strstr(err.message, "others than you can read the API key in"));
}
