/* SPDX-License-Identifier: MIT
 * chutes wallet new. Words are shown once the keys are on disk, so that nobody writes down words of
 * a key that there is not; until then the files have them.
 */
#include "cli/print.h"
#include "cli/secret_input.h"
#include "cli/wallet.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/crypto/mnemonic.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct new_options {
	struct signer_options names;
	const char *words;
	const char *password_file;
	bool no_coldkey;
	bool hide_words;
	bool overwrite;
};
static const struct option_row rows[] = {
	WALLET_ROWS(new_options),
	WALLET_PATH_ROW(new_options),
	OPT(0, "words", CHOICE, new_options, words, "12|15|18|21|24",
	    "how many words a key has (default 12)"),
	OPT(0, "password-file", TEXT, new_options, password_file, "FILE",
	    "password of the coldkey; '-' is standard input, fd:N a descriptor"),
	OPT(0, "no-coldkey", FLAG, new_options, no_coldkey, NULL, "make no coldkey"),
	OPT(0, "hide-words", FLAG, new_options, hide_words, NULL,
	    "do not show the words; the key files have them"),
	OPT(0, "overwrite", FLAG, new_options, overwrite, NULL,
	    "replace a hotkey of that name; its key is lost"),
	OPT_END};

struct making {
	const struct new_options *options;
	struct wallet_target hotkey;
	struct wallet_target coldkey;
	struct wallet_key hotkey_key;
	struct wallet_key coldkey_key;
	struct secret password;
	bool makes_coldkey;
};
#define auto_making __attribute__((cleanup(making_release))) struct making
static void making_release(struct making *m)
{
	wallet_target_release(&m->hotkey);
	wallet_target_release(&m->coldkey);
	wallet_key_release(&m->hotkey_key);
	wallet_key_release(&m->coldkey_key);
	secret_release(&m->password);
}

/* Output of automatic runs is kept where more people see it than should have the key. */
static bool check_words(const struct new_options *o, struct error *err)
{
	if (o->hide_words)
		return true;
	if (env_is_on(ENV_CI)) {
		fail(err, ERROR_USAGE, "the words of the key would stand in the log");
		return fail_hint(err, "add --hide-words: the key files have them");
	}
	if (!isatty(STDERR_FILENO))
		print_warning("whoever reads this output has the words of the key: --hide-words "
			      "leaves them out");
	return true;
}

static bool check_hotkey(const struct making *m, struct error *err)
{
	bool exists = file_exists(m->hotkey.path) || file_exists(m->hotkey.public_path);

	return m->options->overwrite || !exists || wallet_fail_exists(&m->hotkey, "", err);
}

/* A coldkey is made where there is none, not even its public half, and a password for it. */
static bool decide_coldkey(struct making *m, struct error *err)
{
	const char *file = m->options->password_file;

	if (m->options->no_coldkey && file)
		return fail(err, ERROR_USAGE,
			    "--no-coldkey and --password-file exclude each other");
	if (m->options->no_coldkey)
		return true;
	if (file_exists(m->coldkey.path) || file_exists(m->coldkey.public_path)) {
		print_status("kept", "%s", m->coldkey.title);
		return true;
	}
	int found = wallet_new_password(&m->coldkey, file,
					"--password-file, or leave the coldkey "
					"out with --no-coldkey",
					&m->password, err);

	if (found == 0)
		print_warning("no coldkey was made: there is no password for it, which "
			      "--password-file gives");
	m->makes_coldkey = found > 0;
	return found >= 0;
}

static bool make_key(const struct new_options *o, struct wallet_key *out, struct error *err)
{
	auto_secret entropy = {0};
	size_t n_words = o->words ? strtoul(o->words, NULL, 10) : MNEMONIC_MIN_WORDS;

	if (!mnemonic_make(n_words, &entropy, err))
		return false;
	wallet_key_of_phrase(&entropy, out);
	return true;
}

/* The hotkey first: killed in between, it is as if no coldkey had been wanted. One that is replaced
 * comes last, for it cannot be brought back when the other fails. */
static bool save(const struct making *m, struct error *err)
{
	struct wallet_item hotkey = {.place = wallet_target_place(&m->hotkey),
				     .key = &m->hotkey_key,
				     .replace = m->options->overwrite};
	struct wallet_item coldkey = {.place = wallet_target_place(&m->coldkey),
				      .key = &m->coldkey_key,
				      .password = &m->password};
	struct wallet_item items[] = {hotkey, coldkey};

	if (!m->makes_coldkey)
		return wallet_save(&hotkey.place, hotkey.key, NULL, hotkey.replace, err);
	if (hotkey.replace) {
		items[0] = coldkey;
		items[1] = hotkey;
	}
	return wallet_save_all(items, array_len(items), err);
}

static bool show_words(const struct wallet_target *t, const struct wallet_key *key,
		       struct error *err)
{
	auto_free char *title = xprintf("words of %s:", t->title);

	print_log(title, strlen(title));
	return print_secret(&key->phrase, err) ||
	       fail_in(err, "the key is made, but its words cannot be shown");
}

static void write_json_key(struct json_out *j, const struct wallet_target *t,
			   const struct wallet_key *key)
{
	json_out_text(j, "address", key->address);
	json_out_text(j, "file", t->path);
}

static void report(const struct making *m)
{
	struct json_out *j = print_result();

	if (!j) {
		print_line("%s", m->hotkey_key.address);
		return;
	}
	json_out_text(j, "wallet", m->hotkey.wallet);
	json_out_text(j, "hotkey", m->hotkey.hotkey);
	write_json_key(j, &m->hotkey, &m->hotkey_key);
	if (m->makes_coldkey) {
		json_out_object(j, "coldkey");
		write_json_key(j, &m->coldkey, &m->coldkey_key);
		json_out_object_end(j);
	} else {
		json_out_text(j, "coldkey", NULL);
	}
}

static bool run(struct call *call, struct error *err)
{
	static const char advice[] = "Write them down: they are not shown again, and whoever has "
				     "them has the key.";
	const struct new_options *o = call->options;
	auto_making m = {.options = o};

	if (!wallet_target_find(call, &o->names, false, &m.hotkey, err) ||
	    !wallet_target_init(m.hotkey.root, m.hotkey.wallet, NULL, &m.coldkey, err) ||
	    !check_hotkey(&m, err) || !check_words(o, err) || !decide_coldkey(&m, err) ||
	    !make_key(o, &m.hotkey_key, err) ||
	    (m.makes_coldkey && !make_key(o, &m.coldkey_key, err)) || !save(&m, err))
		return false;
	print_changed();
	print_status("made", "%s", m.hotkey.title);
	if (m.makes_coldkey)
		print_status("made", "%s", m.coldkey.title);
	if (!o->hide_words) {
		if (!show_words(&m.hotkey, &m.hotkey_key, err) ||
		    (m.makes_coldkey && !show_words(&m.coldkey, &m.coldkey_key, err)))
			return false;
		print_log(advice, strlen(advice));
	}
	report(&m);
	return true;
}

const struct command wallet_new_command = {
	.name = "new",
	.summary = "make a hotkey, and a coldkey where there is none",
	.about = "Makes a hotkey with words of its own, which stand in its file as well. Where\n"
		 "the wallet has no coldkey, one is made, too, encrypted with a password that\n"
		 "is asked for, comes from --password-file or from the variable BT_PW_... of\n"
		 "the tools of Bittensor; without any it is left out. The words are shown once,\n"
		 "on standard error; where CI is set, --hide-words is needed. Nothing that\n"
		 "exists is replaced, except the hotkey with --overwrite. Shows its address.",
	.options = rows,
	.options_size = sizeof(struct new_options),
	.examples = {"chutes wallet new --wallet me --hotkey dev",
		     "chutes wallet new --wallet ci --hide-words --no-coldkey"},
	.exits = {ERROR_AUTH, ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_MISSING},
	.see_also = {"wallet list", "wallet import"},
	.run = run,
};
