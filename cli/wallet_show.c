/* SPDX-License-Identifier: MIT
 * chutes wallet show: what is known of one key, and whether its files agree. Secrets are derived
 * from, never shown.
 */
#include "cli/print.h"
#include "cli/wallet.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct show_options {
	struct signer_options names;
};
static const struct option_row rows[] = {WALLET_PATH_ROW(show_options), OPT_END};

enum { SECRET, PUBLIC, N_FILES };
static const char *const kinds[N_FILES] = {"secret", "public"};

struct facts {
	const struct wallet_target *target;
	struct {
		const char *path; /* NULL: there is none */
		unsigned mode;
		bool is_read;
		bool is_encrypted;
	} files[N_FILES];
	struct wallet_key key; /* address empty: not known. Without the secret */
	struct strings problems;
	struct strings hints; /* one for each */
};
#define auto_facts __attribute__((cleanup(facts_release))) struct facts
static void facts_release(struct facts *f)
{
	wallet_key_release(&f->key);
	strings_release(&f->problems);
	strings_release(&f->hints);
}

static void add_problem(struct facts *f, const struct error *err)
{
	strings_add(&f->problems, err->message);
	strings_add(&f->hints, err->hint);
}

static void take_key(struct facts *f, const struct wallet_key *key)
{
	struct error err;

	if (f->key.address[0] == '\0') {
		memcpy(f->key.address, key->address, sizeof(key->address));
		memcpy(f->key.public_key, key->public_key, sizeof(key->public_key));
	} else if (strcmp(f->key.address, key->address) != 0) {
		fail(&err, ERROR_FAILURE, "'%s' is of another key than the file beside it",
		     f->files[PUBLIC].path);
		fail_hint(&err, "find out which of both is the key, and move the other away");
		add_problem(f, &err);
	}
}

static void look_at_file(struct facts *f, int kind, const char *path)
{
	auto_key_file file = {0};
	auto_wallet_key key = {0};
	struct stat st;
	struct error err;

	if (!file_exists(path))
		return;
	f->files[kind].path = path;
	f->files[kind].mode = stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
	if (!key_file_load(path, &file, &err)) {
		add_problem(f, &err);
		return;
	}
	f->files[kind].is_read = true;
	f->files[kind].is_encrypted = file.is_encrypted;
	if (file.is_exposed && kind == SECRET) {
		auto_free char *advice = path_chmod_advice("600", path);

		fail(&err, ERROR_AUTH, "others than you can read '%s'", path);
		fail_hint(&err, "%s", advice);
		add_problem(f, &err);
	}
	if (file.is_encrypted)
		return;
	if (kind == SECRET ? key_file_secret(&file, &key, &err)
			   : key_file_public(&file, &key, &err))
		take_key(f, &key);
	else
		add_problem(f, &err);
}

/* Who can change a directory can put another key into it. */
static void look_at_directory(struct facts *f, const char *path)
{
	struct stat st;
	struct error err;

	if (stat(path, &st) < 0 || !(st.st_mode & 022))
		return;
	auto_free char *advice = path_chmod_advice("go-w", path);

	fail(&err, ERROR_AUTH, "others than you can change what is in '%s'", path);
	fail_hint(&err, "%s", advice);
	add_problem(f, &err);
}

static void look(struct facts *f)
{
	const struct wallet_target *t = f->target;
	auto_free char *directory = path_directory(t->path);
	auto_free char *wallet = path_join(t->root, t->wallet);

	look_at_file(f, SECRET, t->path);
	look_at_file(f, PUBLIC, t->public_path);
	look_at_directory(f, wallet);
	if (strcmp(directory, wallet) != 0)
		look_at_directory(f, directory);
}

/* --- shown */

static const char *encryption(const struct facts *f, int kind)
{
	return !f->files[kind].is_read ? NULL : f->files[kind].is_encrypted ? "nacl" : "none";
}

static void write_json_files(struct json_out *j, const struct facts *f)
{
	json_out_array(j, "files");
	for (int i = 0; i < N_FILES; i++) {
		char mode[8];

		if (!f->files[i].path)
			continue;
		snprintf(mode, sizeof(mode), "%04o", f->files[i].mode);
		json_out_object(j, NULL);
		json_out_text(j, "kind", kinds[i]);
		json_out_text(j, "path", f->files[i].path);
		json_out_text(j, "mode", mode);
		json_out_text(j, "encryption", encryption(f, i));
		json_out_object_end(j);
	}
	json_out_array_end(j);
}

static void write_json(struct json_out *j, const struct facts *f, const struct wallet_list *hotkeys)
{
	auto_text public_key = {0};

	text_add(&public_key, "0x");
	text_add_hex(&public_key, f->key.public_key, sizeof(f->key.public_key));
	json_out_text(j, "wallet", f->target->wallet);
	json_out_text(j, "hotkey", f->target->hotkey);
	json_out_text(j, "address", *f->key.address ? f->key.address : NULL);
	json_out_text(j, "public_key", *f->key.address ? text_str(&public_key) : NULL);
	write_json_files(j, f);
	json_out_array(j, "problems");
	for (size_t i = 0; i < f->problems.n; i++) {
		json_out_object(j, NULL);
		json_out_text(j, "message", f->problems.items[i]);
		json_out_text(j, "hint", *f->hints.items[i] ? f->hints.items[i] : NULL);
		json_out_object_end(j);
	}
	json_out_array_end(j);
	if (f->target->hotkey)
		return;
	json_out_array(j, "hotkeys");
	for (size_t i = 0; i < hotkeys->n; i++) {
		const struct wallet_entry *e = &hotkeys->items[i];

		if (!e->hotkey)
			continue;
		json_out_object(j, NULL);
		json_out_text(j, "hotkey", e->hotkey);
		json_out_text(j, "address", *e->address ? e->address : NULL);
		json_out_object_end(j);
	}
	json_out_array_end(j);
}

static void add_row(struct table *table, const char *name, const char *value)
{
	table_add(table, "%s", name);
	table_add(table, "%s", value);
}

static void print_files(struct table *table, const struct facts *f)
{
	for (int i = 0; i < N_FILES; i++) {
		auto_text text = {0};
		const char *sealed = encryption(f, i);

		if (!f->files[i].path)
			continue;
		text_addf(&text, "%s (mode %04o", f->files[i].path, f->files[i].mode);
		if (i == SECRET && sealed)
			text_add(&text,
				 strcmp(sealed, "none") == 0 ? ", not encrypted" : ", encrypted");
		text_add(&text, ")");
		add_row(table, kinds[i], text_str(&text));
	}
}

static void print_text(const struct facts *f, const struct wallet_list *hotkeys)
{
	auto_table table = {0};
	auto_text public_key = {0};

	text_add(&public_key, "0x");
	text_add_hex(&public_key, f->key.public_key, sizeof(f->key.public_key));
	table_begin(&table, "FIELD|VALUE");
	add_row(&table, "key", f->target->title);
	add_row(&table, "address", *f->key.address ? f->key.address : "-");
	add_row(&table, "public key", *f->key.address ? text_str(&public_key) : "-");
	print_files(&table, f);
	for (size_t i = 0; i < hotkeys->n; i++) {
		const struct wallet_entry *e = &hotkeys->items[i];
		auto_text text = {0};

		if (!e->hotkey)
			continue;
		text_addf(&text, "%s  %s", *e->address ? e->address : "-", e->hotkey);
		add_row(&table, "hotkey", text_str(&text));
	}
	print_table(&table);
	for (size_t i = 0; i < f->problems.n; i++)
		print_problem(f->problems.items[i], f->hints.items[i]);
}

/* --- which one */

static bool check_exists(const struct facts *f, struct error *err)
{
	const struct wallet_target *t = f->target;
	auto_free char *wallet = path_join(t->root, t->wallet);

	if (f->files[SECRET].path || f->files[PUBLIC].path ||
	    (!t->hotkey && directory_exists(wallet)))
		return true;
	if (directory_exists(wallet))
		fail(err, ERROR_NOT_FOUND, "wallet '%s' has no hotkey '%s'", t->wallet, t->hotkey);
	else
		fail(err, ERROR_NOT_FOUND, "there is no wallet '%s' in '%s'", t->wallet, t->root);
	return fail_hint(err, "'chutes wallet list' shows what there is");
}

/* "me" or "me/dev" */
static bool find_target(struct call *call, struct wallet_target *out, struct error *err)
{
	const struct show_options *o = call->options;
	const char *word = call->args.items[0];
	const char *slash = strchr(word, '/');
	auto_free char *wallet = xstrndup(word, slash ? (size_t)(slash - word) : strlen(word));
	auto_free char *root = NULL;
	auto_config c = {0};

	return signer_settings_load(call, &o->names, SETTINGS_TO_SHOW, &c, err) &&
	       wallet_root(c.values[CONFIG_WALLETS_PATH].text, &root, err) &&
	       wallet_target_init(root, wallet, slash ? slash + 1 : NULL, out, err);
}

static bool run(struct call *call, struct error *err)
{
	auto_wallet_target target = {0};
	auto_facts f = {.target = &target};
	auto_wallet_list hotkeys = {0};

	if (!find_target(call, &target, err))
		return false;
	look(&f);
	if (!check_exists(&f, err))
		return false;
	if (!target.hotkey)
		wallet_list_one(target.root, target.wallet, &hotkeys);
	if (print_result())
		write_json(print_result(), &f, &hotkeys);
	else if (call->globals.quiet)
		print_line("%s", f.key.address);
	else
		print_text(&f, &hotkeys);
	return true;
}

const struct command wallet_show_command = {
	.name = "show",
	.arguments = "WALLET[/HOTKEY]",
	.summary = "show one key: address, files, what is wrong",
	.about = "The address and public key of a wallet's coldkey, with its hotkeys, or of one\n"
		 "hotkey; its files with their modes; and everything that is wrong with them, for\n"
		 "which all parts of a file that is not encrypted are derived from one another.\n"
		 "No secret is shown. With --quiet only the address.",
	.options = rows,
	.options_size = sizeof(struct show_options),
	.examples = {"chutes wallet show me",
		     "chutes wallet show me/dev --json | jq -r .result.address"},
	.exits = {ERROR_AUTH, ERROR_NOT_FOUND, ERROR_MISSING},
	.see_also = {"wallet list"},
	.aliases = "inspect",
	.run = run,
};
