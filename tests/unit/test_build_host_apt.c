/* SPDX-License-Identifier: MIT */
#include "lib/build/host_apt.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/tree.h"
#include "tests/unit/tap.h"

static char *const components[] = {(char[]){"main"}};

TEST(one_line_files)
{
	auto_strings got = {0};
	auto_text list = {0};

	host_apt_parse(
		"sources.list",
		"deb http://m.example/debian bookworm main contrib # ours\n"
		"deb-src http://m.example/debian bookworm main\n"
		"# deb http://m.example/old bookworm main\n"
		"deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] "
		"https://m.example/debian bookworm-updates main\n"
		"deb [signed-by=/etc/apt/keyrings/other.gpg] https://o.example/ bookworm main\n"
		"deb file:/srv/debian bookworm main\n"
		"deb http://m.example/flat ./\n",
		false, &got);
	CHECK(got.n == 3);
	CHECK(host_apt_select(&got, "bookworm", components, 1, &list) == 2);
	CHECK_TEXT(text_str(&list), "deb http://m.example/debian bookworm main\n"
				    "deb https://m.example/debian bookworm-updates main\n");
}

TEST(deb822_files)
{
	auto_strings got = {0};

	host_apt_parse("debian.sources",
		       "Types: deb deb-src\n"
		       "# a comment\n"
		       "URIs: http://m.example/debian\n"
		       "  http://n.example/debian\n"
		       "Suites: bookworm bookworm-updates\n"
		       "components: main\n"
		       "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
		       "\n"
		       "Types: deb\n"
		       "URIs: http://off.example/debian\n"
		       "Suites: bookworm\n"
		       "Components: main\n"
		       "Enabled: no\n"
		       " \n"
		       "Types: deb\n"
		       "URIs: http://other.example/\n"
		       "Suites: bookworm\n"
		       "Components: main\n"
		       "Signed-By:\n"
		       " -----BEGIN PGP PUBLIC KEY BLOCK-----\n"
		       " .\n",
		       false, &got);
	CHECK(got.n == 4);
	CHECK_TEXT(got.n ? got.items[0] : "", "bookworm deb http://m.example/debian bookworm main");
	CHECK_TEXT(got.n > 1 ? got.items[1] : "",
		   "bookworm-updates deb http://m.example/debian bookworm-updates main");
}

TEST(which_belong_to_a_suite)
{
	static const struct {
		const char *line;
		bool is_of_bookworm;
	} cases[] = {
		{"bookworm deb http://a/ stable main", true},
		{"bookworm-updates deb http://a/ stable-updates main", true},
		{"bookworm-security deb http://a/ bookworm-security main", true},
		{"bookworm-backports deb http://a/ bookworm-backports main", false},
		{"bookworm deb http://a/ bookworm contrib", false},
		{"trixie deb http://a/ trixie main", false},
		{"bookwormy deb http://a/ bookwormy main", false},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_strings one = {0};
		auto_text list = {0};

		strings_add(&one, cases[i].line);
		CHECK(host_apt_select(&one, "bookworm", components, 1, &list) ==
		      cases[i].is_of_bookworm);
	}
}

static void put_program(const char *directory, const char *name, const char *output)
{
	auto_free char *path = xprintf("%s/%s", directory, name);
	auto_free char *script = xprintf("#!/bin/sh\n/bin/cat <<'EOF'\n%sEOF\n", output);
	struct error err;

	CHECK_OK(file_write_cache(path, script, strlen(script), 0755, &err), err);
}

TEST(programs_are_asked)
{
	char top[] = "/tmp/chutes-apt-XXXXXX";
	auto_free char *old = xstrdup(getenv("PATH") ? getenv("PATH") : "");
	auto_strings lines = {0};
	auto_strings sources = {0};
	auto_free char *ca = NULL;
	struct error err;

	CHECK_OR_STOP(mkdtemp(top) && setenv("PATH", top, 1) == 0);
	put_program(top, "apt-config",
		    "APT::Architecture \"amd64\";\n"
		    "Acquire::http::Proxy \"http://proxy:3128\";\n"
		    "Acquire::http::Proxy::intranet.example \"DIRECT\";\n"
		    "Acquire::https::Proxy \"\";\n"
		    "Acquire::http::Proxy-Auto-Detect \"/usr/local/bin/detect\";\n"
		    "Acquire::https::Verify-Peer \"false\";\n"
		    "acquire::https::m.example::Verify-Host \"false\";\n"
		    "Acquire::https::CAInfo \"/etc/company.pem\";\n"
		    "Acquire::Check-Valid-Until \"false\";\n"
		    "Dir::Etc \"etc/apt\";\n");
	put_program(top, "apt-get",
		    "Debian|bookworm|stable|main|http://m.example/debian/\n"
		    "Debian|bookworm|stable|main|http://m.example/debian/\n"
		    "Other|bookworm|bookworm|main|http://o.example/\n"
		    "short|line\n");
	CHECK_OK(host_apt_settings(&lines, &ca, &err), err);
	CHECK(lines.n == 5);
	CHECK(strings_has(&lines, "Acquire::http::Proxy::intranet.example \"DIRECT\";"));
	CHECK(strings_has(&lines, "acquire::https::m.example::Verify-Host \"false\";"));
	CHECK_TEXT(ca, "/etc/company.pem");
	CHECK_OK(host_apt_sources(top, &sources, &err), err);
	CHECK(sources.n == 1);
	CHECK_TEXT(sources.n ? sources.items[0] : "",
		   "bookworm deb http://m.example/debian/ stable main");
	setenv("PATH", old, 1);
	CHECK_OK(tree_remove_path(top, &err), err);
}

TEST(files_where_no_lists_are)
{
	char top[] = "/tmp/chutes-apt-XXXXXX";
	auto_free char *old = xstrdup(getenv("PATH") ? getenv("PATH") : "");
	auto_strings sources = {0};
	struct error err;

	CHECK_OR_STOP(mkdtemp(top) && setenv("PATH", top, 1) == 0);
	put_program(top, "apt-get", "||bookworm|main|\n");
	auto_free char *directory = xprintf("%s/apt/sources.list.d", top);
	auto_free char *one = xprintf("%s/a.list", directory);
	auto_free char *two = xprintf("%s/b.list.disabled", directory);
	static const char line[] = "deb http://m.example/debian bookworm main\n";
	static const char other[] = "deb http://n.example/debian bookworm main\n";

	CHECK_OK(directory_make(directory, 0755, &err), err);
	CHECK_OK(file_write_cache(one, line, strlen(line), 0644, &err), err);
	CHECK_OK(file_write_cache(two, other, strlen(other), 0644, &err), err);
	CHECK_OK(host_apt_sources(top, &sources, &err), err);
	CHECK(sources.n == 1);
	setenv("PATH", old, 1);
	CHECK_OK(tree_remove_path(top, &err), err);
}

/* Where Signed-By says whose an archive is, apt need not be asked; unless it goes by "stable". */
TEST(files_that_name_debians_key)
{
	char top[] = "/tmp/chutes-apt-XXXXXX";
	auto_free char *old = xstrdup(getenv("PATH") ? getenv("PATH") : "");
	static const char *const suites[] = {"bookworm", "stable"};
	struct error err;

	CHECK_OR_STOP(mkdtemp(top) && setenv("PATH", top, 1) == 0);
	put_program(top, "apt-get", "Debian|bookworm|stable|main|http://asked.example/\n");
	auto_free char *directory = xprintf("%s/apt/sources.list.d", top);
	auto_free char *file = xprintf("%s/debian.sources", directory);

	CHECK_OK(directory_make(directory, 0755, &err), err);
	for (size_t i = 0; i < array_len(suites); i++) {
		auto_strings sources = {0};
		auto_free char *text = xprintf(
			"Types: deb\nURIs: http://m.example/\nSuites: %s\nComponents: main\n"
			"Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
			"\nTypes: deb\nURIs: http://unsigned.example/\nSuites: bookworm\n"
			"Components: main\n",
			suites[i]);

		CHECK_OK(file_write_cache(file, text, strlen(text), 0644, &err), err);
		CHECK_OK(host_apt_sources(top, &sources, &err), err);
		CHECK(sources.n == 1);
		CHECK_TEXT(sources.n ? sources.items[0] : "",
			   i == 0 ? "bookworm deb http://m.example/ bookworm main"
				  : "bookworm deb http://asked.example/ stable main");
	}
	setenv("PATH", old, 1);
	CHECK_OK(tree_remove_path(top, &err), err);
}
