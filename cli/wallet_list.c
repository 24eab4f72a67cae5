/* SPDX-License-Identifier: MIT
 * chutes wallet list: every key of every wallet, without a password and without deriving anything.
 */
#include "cli/print.h"
#include "cli/wallet.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"

struct list_options {
	struct signer_options names;
};
static const struct option_row rows[] = {WALLET_PATH_ROW(list_options), OPT_END};

static void write_json(struct json_out *j, const struct wallet_entry *e)
{
	json_out_object(j, NULL);
	json_out_text(j, "wallet", e->wallet);
	json_out_text(j, "hotkey", e->hotkey);
	json_out_text(j, "address", *e->address ? e->address : NULL);
	json_out_bool(j, "secret", e->has_secret);
	json_out_bool(j, "encrypted", e->is_encrypted);
	json_out_bool(j, "exposed", e->is_exposed);
	json_out_text(j, "problem", e->problem);
	json_out_text(j, "hint", e->hint);
	json_out_object_end(j);
}

static void add_name(struct text *t, const struct wallet_entry *e)
{
	text_add(t, e->wallet);
	if (e->hotkey)
		text_addf(t, "/%s", e->hotkey);
}

static void print_row(struct table *table, const struct wallet_entry *e)
{
	auto_text name = {0};

	add_name(&name, e);
	table_add(table, "%s", text_str(&name));
	table_add(table, "%s", e->hotkey ? "hotkey" : "coldkey");
	table_add(table, "%s", *e->address ? e->address : "-");
	table_add(table, "%s",
		  !e->has_secret    ? "public only"
		  : e->is_encrypted ? "encrypted"
		  : e->is_exposed   ? "exposed"
				    : "plain");
	table_add(table, "%s", e->problem ? e->problem : "");
}

/* One line for all files that others can read. */
static void warn_exposed(const struct wallet_list *list, const char *root)
{
	const struct wallet_entry *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++) {
		if (!list->items[i].is_exposed)
			continue;
		n++;
		first = first ? first : &list->items[i];
	}
	if (n == 0)
		return;
	auto_free char *advice = path_chmod_advice("-R go=", root);
	auto_free char *path = NULL;
	struct error ignored; /* its name was found there */

	if (n == 1 && wallet_path(root, first->wallet, first->hotkey, false, &path, &ignored))
		signer_warn_exposed(path);
	else
		print_warning("others than you can read %zu key files: %s", n, advice);
}

static void print_all(const struct wallet_list *list, bool is_quiet)
{
	struct json_out *j = print_result();
	auto_table table = {0};

	if (j)
		json_out_array(j, "keys");
	table_begin(&table, "NAME|KEY|ADDRESS|SECRET|PROBLEM");
	for (size_t i = 0; i < list->n; i++) {
		auto_text name = {0};

		add_name(&name, &list->items[i]);
		if (j)
			write_json(j, &list->items[i]);
		else if (is_quiet)
			print_line("%s", text_str(&name));
		else
			print_row(&table, &list->items[i]);
	}
	if (j)
		json_out_array_end(j);
	else if (!is_quiet)
		print_table(&table);
}

static bool run(struct call *call, struct error *err)
{
	const struct list_options *o = call->options;
	auto_wallet_list list = {0};
	auto_config c = {0};
	auto_free char *root = NULL;

	if (!signer_settings_load(call, &o->names, SETTINGS_TO_SHOW, &c, err) ||
	    !wallet_root(c.values[CONFIG_WALLETS_PATH].text, &root, err) ||
	    !wallet_list(root, &list, err))
		return false;
	warn_exposed(&list, root);
	print_all(&list, call->globals.quiet);
	if (list.n == 0)
		print_next("chutes wallet new --wallet NAME --hotkey NAME");
	return true;
}

const struct command wallet_list_command = {
	.name = "list",
	.summary = "list the keys of all wallets",
	.about = "WALLET for a coldkey, WALLET/HOTKEY for a hotkey, with its address. SECRET\n"
		 "says whether its file is encrypted, plain, plain and readable by others\n"
		 "(exposed), or not there (public only). What cannot be read is a row with the\n"
		 "problem; 'chutes wallet show' tells more. With --quiet only the names.",
	.options = rows,
	.options_size = sizeof(struct list_options),
	.examples = {"chutes wallet list",
		     "chutes wallet list --json | jq '.result.keys[] | select(.problem)'"},
	.exits = {ERROR_AUTH, ERROR_NOT_FOUND, ERROR_MISSING},
	.see_also = {"wallet show", "wallet new"},
	.aliases = "ls",
	.run = run,
};
