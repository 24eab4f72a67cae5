/* SPDX-License-Identifier: MIT
 * chutes doctor: key files, and the key that signs. What a key is made of is compared with what its
 * files say; nothing of it is shown.
 */
#include "cli/doctor.h"

#include "cli/signer.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/crypto/sr25519.h"
#include "lib/wallet/wallet.h"

#include <string.h>

enum { DERIVED_MAX = 200 }; /* keys that are derived; each takes some milliseconds */

struct wallets {
	struct doctor *doctor;
	struct report *report;
	const char *root;
	size_t n_wallets;
	size_t n_hotkeys;
	size_t n_derived;
};

/* Do the secret file and the public one beside it say the same? */
static void compare(struct wallets *w, const char *secret_path, const char *public_path)
{
	auto_key_file secret = {0};
	auto_key_file public = {0};
	auto_wallet_key key = {0};
	auto_wallet_key other = {0};
	struct error err;

	if (!key_file_load(secret_path, &secret, &err)) {
		report_error(w->report, "D111", &err);
		return;
	}
	if (secret.is_encrypted)
		return;
	if (!key_file_secret(&secret, &key, &err)) {
		report_error(w->report, "D111", &err);
		return;
	}
	if (!file_exists(public_path))
		return;
	if (!key_file_load(public_path, &public, &err) || !key_file_public(&public, &other, &err)) {
		report_error(w->report, "D111", &err);
		return;
	}
	if (strcmp(key.address, other.address) == 0)
		return;
	struct finding *f =
		findings_add(&w->report->findings, "D112", "'%s' is the key %s, but '%s' says %s",
			     secret_path, key.address, public_path, other.address);

	finding_hint(f, "the first signs; remove the second when the first is the right one");
}

static void check_entry(struct wallets *w, const struct wallet_entry *e)
{
	auto_free char *secret = NULL;
	auto_free char *public = NULL;
	struct error err;

	w->n_hotkeys += e->hotkey != NULL;
	if (e->problem) {
		struct finding *f = findings_add(&w->report->findings, "D111", "%s", e->problem);

		if (e->hint)
			finding_hint(f, "%s", e->hint);
	}
	if (!e->has_secret || !wallet_path(w->root, e->wallet, e->hotkey, false, &secret, &err) ||
	    !wallet_path(w->root, e->wallet, e->hotkey, true, &public, &err))
		return;
	if (e->is_exposed)
		doctor_check_mode(w->doctor, w->report, secret, false);
	if (!e->problem && w->n_derived++ < DERIVED_MAX)
		compare(w, secret, public);
}

static void tell_wallets(struct wallets *w, const struct wallet_list *list)
{
	struct report *r = w->report;
	auto_free char *shown = doctor_path(w->root);

	if (list->n == 0) {
		r->is_absent = true;
		text_addf(&r->summary, "none in %s; 'chutes wallet new' makes one", shown);
		return;
	}
	text_addf(&r->summary, "%zu wallet%s with %zu hotkey%s in %s", w->n_wallets,
		  w->n_wallets == 1 ? "" : "s", w->n_hotkeys, w->n_hotkeys == 1 ? "" : "s", shown);
	if (w->n_derived > DERIVED_MAX)
		report_detail(r, "only the first %d keys were derived from their secrets",
			      DERIVED_MAX);
}

void doctor_wallets(struct doctor *d, struct report *r)
{
	const struct config *c = doctor_config(d);
	auto_wallet_list list = {0};
	auto_free char *root = NULL;
	struct error err;

	if (!wallet_root(c ? c->values[CONFIG_WALLETS_PATH].text : NULL, &root, &err) ||
	    !wallet_list(root, &list, &err)) {
		report_error(r, "D111", &err);
		return;
	}
	struct wallets w = {.doctor = d, .report = r, .root = root};

	for (size_t i = 0; i < list.n; i++) {
		const struct wallet_entry *e = &list.items[i];

		w.n_wallets += i == 0 || strcmp(list.items[i - 1].wallet, e->wallet) != 0;
		check_entry(&w, e);
	}
	tell_wallets(&w, &list);
}

/* --- who signs */

static void tell_nobody(struct report *r)
{
	r->is_absent = true;
	text_add(&r->summary,
		 "nothing names one to sign requests; 'chutes config set wallet.name' does");
}

/* true: it can be read without a password, and by nobody else. */
static bool look_at_file(struct doctor *d, struct report *r, const struct signer *s)
{
	auto_key_file file = {0};
	struct error err;

	if (!s->path)
		return true;
	if (s->kind != SIGNER_WALLET)
		doctor_check_mode(d, r, s->path, false);
	if (!signer_load(s, &file, &err)) {
		report_error(r, "D113", &err);
		return false;
	}
	if (file.is_exposed)
		text_add(&r->summary, ", not looked into while others can read it");
	else if (file.is_encrypted)
		text_add(&r->summary, ", encrypted: not looked into");
	return !file.is_exposed && !file.is_encrypted;
}

void doctor_hotkey(struct doctor *d, struct report *r)
{
	const struct config *c = doctor_config(d);
	auto_signer s = {0};
	auto_sr25519_key struct sr25519_key *key = NULL;
	char address[SS58_TEXT_SIZE];
	struct error err;

	if (!c) {
		tell_nobody(r);
		return;
	}
	if (!signer_find(c, &s, &err)) {
		report_error(r, "D113", &err);
		return;
	}
	if (s.kind == SIGNER_NONE) {
		tell_nobody(r);
		return;
	}
	text_add(&r->summary, s.source);
	if (!look_at_file(d, r, &s))
		return;
	if (!signer_key(&s, NULL, c, &key, &err)) {
		report_error(r, "D113", &err);
		return;
	}
	ss58_format_key(sr25519_key_public(key), address);
	text_addf(&r->summary, ": %s", address);
}
