/* SPDX-License-Identifier: MIT */
#include "tests/unit/tap.h"

#include "cli/print.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* stdout and stderr of what is tested, instead of the test's own. */
struct capture {
	int saved[2];
	int files[2];
	struct text out;
	struct text err;
};

/* Whoever runs the tests may have settings. */
__attribute__((constructor)) static void forget_settings(void)
{
	static const char *const names[] = {"NO_COLOR",    "CLICOLOR", "CLICOLOR_FORCE",
					    "FORCE_COLOR", "COLUMNS",  "CI"};

	for (size_t i = 0; i < array_len(names); i++)
		unsetenv(names[i]);
}

static void capture_begin(struct capture *c)
{
	fflush(stdout);
	for (int i = 0; i < 2; i++) {
		c->saved[i] = dup(1 + i);
		c->files[i] = memfd_create("capture", MFD_CLOEXEC);
		dup2(c->files[i], 1 + i);
	}
}

static void capture_end(struct capture *c)
{
	struct text *texts[] = {&c->out, &c->err};
	struct error err;

	fflush(stdout);
	for (int i = 0; i < 2; i++) {
		dup2(c->saved[i], 1 + i);
		close(c->saved[i]);
		lseek(c->files[i], 0, SEEK_SET);
		CHECK_OK(fd_read_all(c->files[i], 1 << 20, texts[i], &err), err);
		close(c->files[i]);
	}
}

static void capture_release(struct capture *c)
{
	text_release(&c->out);
	text_release(&c->err);
}
#define auto_capture __attribute__((cleanup(capture_release))) struct capture

static void add(struct findings *f, size_t line, size_t column, size_t width, const char *source)
{
	struct finding *one = findings_add(f, "E110", "unknown key '%s'", "num_gpus");

	finding_place(one, "chute.yaml", line, column, width);
	one->source = source ? strdup(source) : NULL;
}

TEST(a_finding_as_text)
{
	struct globals g = {.format = "text"};
	auto_findings f = {0};
	auto_capture c = {0};

	add(&f, 21, 3, 8, "  num_gpus: 2");
	finding_hint(&f.items[0], "did you mean 'gpu_count'?");
	capture_begin(&c);
	print_begin(&g, "validate");
	print_findings(&f);
	int status = print_end(NULL, 0);
	capture_end(&c);
	CHECK(status == 0);
	CHECK_TEXT(text_str(&c.out), "");
	CHECK_TEXT(text_str(&c.err), "error[E110]: unknown key 'num_gpus'\n"
				     "  --> chute.yaml:21:3\n"
				     "   |\n"
				     "21 |   num_gpus: 2\n"
				     "   |   ^^^^^^^^\n"
				     "  = help: did you mean 'gpu_count'?\n");
}

TEST(a_finding_tells_where_more_is_told)
{
	static const struct {
		const char *hint, *topic, *shown;
	} rows[] = {
		{NULL, NULL, "  = docs: chutes explain E110\n"},
		{NULL, "spec", "  = docs: chutes help spec (chutes explain E110)\n"},
		{"x", "cord",
		 "  = help: x\n  = docs: chutes help spec cord (chutes explain E110)\n"},
		{"x", NULL, "  = help: x\n"},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct globals g = {.format = "text"};
		auto_findings f = {0};
		auto_capture c = {0};

		add(&f, 0, 0, 0, NULL);
		if (rows[i].hint)
			finding_hint(&f.items[0], "%s", rows[i].hint);
		if (rows[i].topic)
			finding_topic(&f.items[0], rows[i].topic);
		capture_begin(&c);
		print_begin(&g, "validate");
		print_findings(&f);
		CHECK(print_end(NULL, 0) == 0);
		capture_end(&c);
		CHECK_TEXT(strstr(text_str(&c.err), "  ="), rows[i].shown);
	}
}

TEST(the_caret_stands_below_its_place)
{
	static const struct {
		size_t column, width;
		const char *source;
		const char *shown;
	} rows[] = {
		{1, 1, "a", "   |\n 1 | a\n   | ^\n"},
		{2, 1, "\ta: 1", "   |\n 1 |  a: 1\n   |  ^\n"},
		{3, 1, "\xc3\xa4 x", "   |\n 1 | \xc3\xa4 x\n   |   ^\n"},
		{2, 2, "\xe4\xb8\xadxy", "   |\n 1 | \xe4\xb8\xadxy\n   |   ^^\n"},
		{2, 1, "\x1b[31m", "   |\n 1 | \\x1b[31m\n   |     ^\n"},
		{4, 9, "abc", "   |\n 1 | abc\n   |    ^\n"},
		{2, 0, "abc", "   |\n 1 | abc\n   |\n"},
		{9, 1, "abc", "   |\n 1 | abc\n   |    ^\n"},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct globals g = {.format = "text"};
		auto_findings f = {0};
		auto_capture c = {0};

		add(&f, 1, rows[i].column, rows[i].width, rows[i].source);
		finding_hint(&f.items[0], "x");
		capture_begin(&c);
		print_begin(&g, "validate");
		print_findings(&f);
		int status = print_end(NULL, 0);
		capture_end(&c);
		CHECK(status == 0);
		const char *body = strstr(text_str(&c.err), "   |");
		auto_free char *shown = xprintf("%s  = help: x\n", rows[i].shown);

		CHECK_TEXT(body, shown);
	}
}

TEST(a_long_line_is_shown_around_its_place)
{
	struct globals g = {.format = "text"};
	auto_findings f = {0};
	auto_capture c = {0};
	auto_text line = {0};

	for (int i = 0; i < 100; i++)
		text_add(&line, "0123456789");
	line.bytes[500] = 'X';
	add(&f, 1, 501, 1, text_str(&line));
	capture_begin(&c);
	print_begin(&g, "validate");
	print_findings(&f);
	int status = print_end(NULL, 0);
	capture_end(&c);
	CHECK(status == 0);
	CHECK(c.err.len < 500);
	const char *source = strstr(text_str(&c.err), " 1 | ");
	const char *caret = strchr(text_str(&c.err), '^');

	CHECK_OR_STOP(source && caret);
	const char *bar = strstr(strchr(source, '\n'), " | ");

	/* as far from the bar as the X above it */
	CHECK(bar && caret - bar == strchr(source, 'X') - strstr(source, " | "));
}

TEST(only_twenty_are_shown)
{
	struct globals g = {.format = "text"};
	auto_findings f = {0};
	auto_capture c = {0};

	for (size_t i = 0; i < 21; i++)
		add(&f, i + 1, 1, 1, NULL);
	capture_begin(&c);
	print_begin(&g, "validate");
	print_findings(&f);
	int status = print_end(NULL, 0);
	capture_end(&c);
	CHECK(status == 0);
	CHECK(strstr(text_str(&c.err), "chute.yaml:20:1") != NULL);
	CHECK(strstr(text_str(&c.err), "chute.yaml:21:1") == NULL);
	CHECK(text_ends_with(text_str(&c.err), "... and 1 more\n"));
}

TEST(github_annotations)
{
	struct globals g = {.format = "github"};
	auto_findings f = {0};
	auto_capture c = {0};
	struct finding *one = findings_add(&f, "E110", "100%% of\nit\r");

	finding_place(one, "a,b:c.yaml", 3, 4, 1);
	finding_hint(one, "do, this: now");
	capture_begin(&c);
	print_begin(&g, "validate");
	print_findings(&f);
	int status = print_end(NULL, 0);
	capture_end(&c);
	CHECK(status == 0);
	CHECK_TEXT(text_str(&c.out),
		   "::error file=a%2Cb%3Ac.yaml,line=3,col=4,title=E110::100%25 of%0Ait\\x0d"
		   "%0Ahelp: do, this: now\n");
	CHECK_TEXT(text_str(&c.err), "");
}

TEST(findings_in_the_document)
{
	struct globals g = {.format = "json", .json = true};
	auto_findings f = {0};
	auto_capture c = {0};
	struct error err;

	add(&f, 2, 3, 4, NULL);
	CHECK(!findings_pass(&f, &err));
	capture_begin(&c);
	print_begin(&g, "validate");
	print_findings(&f);
	print_warning("one %s", "\"quote\"");
	int status = print_end(&err, 0);
	capture_end(&c);
	CHECK(status == 3);
	CHECK_TEXT(text_str(&c.out),
		   "{\"schema\":\"chutes.validate/v1\",\"ok\":false,"
		   "\"error\":{\"code\":\"spec\",\"message\":\"1 error found\",\"hint\":null,"
		   "\"where\":null,\"retryable\":false,\"exit_code\":3,\"changed\":false},"
		   "\"findings\":[{\"code\":\"E110\",\"severity\":\"error\","
		   "\"message\":\"unknown key 'num_gpus'\",\"hint\":null,"
		   "\"docs\":\"chutes explain E110\","
		   "\"where\":{\"file\":\"chute.yaml\",\"line\":2,\"column\":3}}],"
		   "\"warnings\":[\"one \\\"quote\\\"\"]}\n");
}

TEST(a_failure_names_place_and_change)
{
	struct globals g = {.format = "json", .json = true};
	auto_capture c = {0};
	struct error err;

	fail(&err, ERROR_BUILD, "step 2 failed");
	fail_hint(&err, "see the log");
	capture_begin(&c);
	print_begin(&g, "build");
	CHECK(print_result() != NULL);
	json_out_text(print_result(), "lost", "x");
	print_line("nothing of this");
	print_where("chute.yaml", 7, 5);
	print_changed();
	int status = print_end(&err, 0);
	capture_end(&c);
	CHECK(status == 13);
	CHECK_TEXT(text_str(&c.out),
		   "{\"schema\":\"chutes.error/v1\",\"ok\":false,"
		   "\"error\":{\"code\":\"build\",\"message\":\"step 2 failed\","
		   "\"hint\":\"see the log\","
		   "\"where\":{\"file\":\"chute.yaml\",\"line\":7,\"column\":5},"
		   "\"retryable\":false,\"exit_code\":13,\"changed\":true},\"warnings\":[]}\n");
	CHECK_TEXT(text_str(&c.err), "error: step 2 failed\n"
				     "  --> chute.yaml:7:5\n"
				     "  = help: see the log\n");
}

TEST(tables)
{
	static const struct {
		bool plain, no_header;
		const char *shown;
	} rows[] = {
		{false, false,
		 "NAME      SIZE\n"
		 "hello     61 MB\n"
		 "\xc3\xa4\xc3\xb6\xe4\xb8\xad\\x1b  1 B\n"},
		{true, false, "NAME\tSIZE\nhello\t61 MB\n\xc3\xa4\xc3\xb6\xe4\xb8\xad\\x1b\t1 B\n"},
		{true, true, "hello\t61 MB\n\xc3\xa4\xc3\xb6\xe4\xb8\xad\\x1b\t1 B\n"},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct globals g = {
			.format = "text", .plain = rows[i].plain, .no_header = rows[i].no_header};
		auto_capture c = {0};
		auto_table t = {0};

		table_begin(&t, "NAME|SIZE");
		table_add(&t, "hello");
		table_add(&t, "%d MB", 61);
		table_add(&t, "\xc3\xa4\xc3\xb6\xe4\xb8\xad\x1b");
		table_add(&t, "1 B");
		capture_begin(&c);
		print_begin(&g, "images list");
		print_table(&t);
		int status = print_end(NULL, 0);
		capture_end(&c);
		CHECK(status == 0);
		CHECK_TEXT(text_str(&c.out), rows[i].shown);
	}
}

TEST(quiet_and_progress)
{
	static const struct {
		const char *progress;
		bool quiet;
		bool is_shown;
	} rows[] = {
		{"auto", false, true}, {"plain", false, true}, {"none", false, false},
		{"auto", true, false}, {"tty", true, false},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct globals g = {
			.format = "text", .progress = rows[i].progress, .quiet = rows[i].quiet};
		auto_capture c = {0};

		capture_begin(&c);
		print_begin(&g, "build");
		print_status("step", "pip %s", "\x1b]0;x");
		print_next("chutes run");
		int status = print_end(NULL, 0);
		capture_end(&c);
		CHECK(status == 0);
		CHECK_TEXT(text_str(&c.err), rows[i].is_shown ? "step   pip \\x1b]0;x\n" : "");
	}
}

TEST(a_live_line_is_replaced)
{
	struct globals g = {.format = "text", .progress = "tty"};
	auto_capture c = {0};

	setenv("COLUMNS", "20", 1);
	capture_begin(&c);
	print_begin(&g, "build");
	print_live("0123456789%s", "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
				   "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4");
	print_live("too soon");
	print_status("done", "x");
	int status = print_end(NULL, 0);
	capture_end(&c);
	unsetenv("COLUMNS");
	CHECK(status == 0);
	CHECK_TEXT(text_str(&c.err), "0123456789\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
				     "\xc3\xa4\xc3\xa4\xc3\xa4\r\x1b[Kdone   x\n");
}

TEST(plain_progress_does_not_flood)
{
	struct globals g = {.format = "text", .progress = "plain"};
	auto_capture c = {0};

	capture_begin(&c);
	print_begin(&g, "build");
	print_live("step   pip\x1b");
	print_live("within five seconds");
	int status = print_end(NULL, 0);

	print_begin(&g, "build");
	print_status("base", "x");
	print_live("within five seconds");
	status |= print_end(NULL, 0);
	capture_end(&c);
	CHECK(status == 0);
	CHECK_TEXT(text_str(&c.err), "step   pip\\x1b\nbase   x\n");
}

TEST(colour_is_decided_for_the_stream)
{
	static const struct {
		const char *color;
		const char *variable;
		bool has_color;
	} rows[] = {
		{"auto", NULL, false},
		{"always", NULL, true},
		{"never", "CLICOLOR_FORCE", false},
		{NULL, "CLICOLOR_FORCE", true},
		{NULL, "FORCE_COLOR", true},
		{"always", "NO_COLOR", true},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct globals g = {.format = "text", .color = rows[i].color};
		auto_capture c = {0};

		if (rows[i].variable)
			setenv(rows[i].variable, "1", 1);
		capture_begin(&c);
		print_begin(&g, "build");
		print_warning("x");
		int status = print_end(NULL, 0);
		capture_end(&c);
		if (rows[i].variable)
			unsetenv(rows[i].variable);
		CHECK(status == 0);
		CHECK_TEXT(text_str(&c.err),
			   rows[i].has_color ? "\x1b[1;33mwarning\x1b[0m: x\n" : "warning: x\n");
	}
}
