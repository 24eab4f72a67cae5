/* SPDX-License-Identifier: MIT
 * A file of settings, behind one byte that says whose: what is set in a text that is read is read
 * back, what is removed is gone, and no other value changes by it.
 */
#include "lib/config/config_internal.h"

#include "lib/base/memory.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All entries but the one of this key in this section have the same values in both. */
static void compare(const struct ini *a, const struct ini *b, const char *section, const char *key)
{
	for (size_t i = 0; i < a->n_entries; i++) {
		const struct ini_entry *e = &a->entries[i];
		const char *own = a->sections[e->section].name;
		const struct ini_entry *other = ini_find(b, own, e->key);

		if (strcmp(own, section) != 0 || strcmp(e->key, key) != 0)
			assert(other && strcmp(other->value, e->value) == 0);
	}
}

static void check_set(const struct ini *ini, const char *text)
{
	static const char section[] = "wallet";
	static const char value[] = "50% of it";
	auto_text changed = {0};
	auto_ini again = {0};
	auto_free char *got = NULL;
	struct error err;

	ini_set(ini, text, section, "name", value, &changed);
	if (!ini_parse("f", text_str(&changed), changed.len, &again, &err))
		assert(changed.len > INI_FILE_MAX);
	else if (!ini_value(&again, section, ini_find(&again, section, "name"), &got, &err))
		assert(false);
	else
		assert(strcmp(got, value) == 0);
	if (again.name)
		compare(ini, &again, section, "name");
}

static void check_remove(const struct ini *ini, const char *text)
{
	for (size_t i = 0; i < ini->n_entries && i < 20; i++) {
		const struct ini_entry *e = &ini->entries[i];
		const char *section = ini->sections[e->section].name;
		auto_text changed = {0};
		auto_ini again = {0};
		struct error err;

		ini_remove(e, text, &changed);
		bool ok = ini_parse("f", text_str(&changed), changed.len, &again, &err);

		assert(ok && again.n_entries + 1 == ini->n_entries);
		compare(ini, &again, section, e->key);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_config_file f = {0};
	struct error err;

	if (!size || memchr(data + 1, '\0', size - 1))
		return 0;
	auto_free char *text = xstrndup((const char *)data + 1, size - 1);
	const enum config_file_kind kind = data[0] == 'L'   ? CONFIG_FILE_LEGACY
					   : data[0] == 'S' ? CONFIG_FILE_CREDENTIALS
							    : CONFIG_FILE_USER;

	if (!config_file_parse("f", kind, text, &f, &err))
		return 0;
	check_set(&f.ini, text);
	check_remove(&f.ini, text);
	for (int i = 0; i < CONFIG_N_SETTINGS; i++) {
		const struct config_row *row = config_row((enum config_setting)i);
		const struct ini_entry *e = config_file_find(&f, row, NULL);
		auto_wipe char *value = NULL;

		/* what was checked when it was read can be used */
		if (e && !config_file_value(&f, row, NULL, e, &value, &err))
			assert(kind == CONFIG_FILE_LEGACY || strchr(e->value, '%'));
	}
	return 0;
}
