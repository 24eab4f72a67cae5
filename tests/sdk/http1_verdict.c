/* SPDX-License-Identifier: MIT
 * What our parser makes of many messages: on standard input, for each, a line with its kind (as in
 * enum message_kind) and its length, and its bytes; on standard output a line for
 * each: the status, and when it was taken: length, minor version, whether the connection stays,
 * whether an Upgrade field is there, then in hexadecimal body, method or status, target, and names
 * and values of the fields in turn. "-" is an empty word.
 */
#include "tests/unit/http1_message.h"

#include <stdio.h>
#include <string.h>

static void print_hex(struct slice bytes)
{
	auto_text hex = {0};

	text_add_hex(&hex, bytes.at, bytes.len);
	printf(" %s", bytes.len ? text_str(&hex) : "-");
}

static void print_verdict(enum message_kind kind, struct slice bytes)
{
	auto_message m = {0};
	char status[12];

	message_read_whole(&m, kind, bytes);
	printf("%d", m.status);
	if (m.status == 200) {
		printf(" %zu %d %d %d", m.used, m.head.minor_version, m.head.keeps_alive,
		       m.head.wants_upgrade);
		print_hex((struct slice){m.body.bytes, m.body.len});
		snprintf(status, sizeof(status), "%d", m.head.status);
		print_hex(kind == MESSAGE_REQUEST ? m.head.method
						  : (struct slice){status, strlen(status)});
		print_hex(m.head.target);
		for (size_t i = 0; i < m.head.n_fields; i++) {
			print_hex(m.head.fields[i].name);
			print_hex(m.head.fields[i].value);
		}
	}
	putchar('\n');
}

int main(void)
{
	auto_free char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0) {
		char *end = NULL;
		enum message_kind kind = (enum message_kind)strtoul(line, &end, 10);
		size_t len = strtoul(end, NULL, 10);
		auto_free char *bytes = xcalloc(1, len + 1);

		if (fread(bytes, 1, len, stdin) != len)
			return 1;
		print_verdict(kind, (struct slice){bytes, len});
	}
	return 0;
}
