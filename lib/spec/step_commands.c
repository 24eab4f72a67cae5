/* SPDX-License-Identifier: MIT */
#include "lib/spec/step_commands.h"

#include "lib/base/memory.h"

#include <string.h>

/* apt asks nobody, whatever else the image sets */
#define APT_GET "DEBIAN_FRONTEND=noninteractive apt-get "

void text_add_words(struct text *t, char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (t->len)
			text_add_char(t, ' ');
		text_add_shell(t, words[i]);
	}
}

static void add_install(struct text *out, bool updates, bool recommends, const char *words)
{
	if (updates)
		text_add(out, "apt-get update && ");
	text_addf(out, APT_GET "install -y%s %s && rm -rf /var/lib/apt/lists/*",
		  recommends ? "" : " --no-install-recommends", words);
}

void step_apt_script(const struct spec_apt *apt, struct text *out)
{
	auto_text words = {0};

	text_add_words(&words, apt->packages.items, apt->packages.n);
	add_install(out, apt->update, apt->recommends, text_str(&words));
}

void step_apt_remove_script(const struct field_texts *packages, struct text *out)
{
	auto_text words = {0};

	text_add_words(&words, packages->items, packages->n);
	text_addf(out, APT_GET "-y remove %s", text_str(&words));
}

void step_pip_words(const struct spec_pip *pip, struct strings *out)
{
	strings_add(out, "pip");
	strings_add(out, "install");
	strings_add(out, "--no-cache-dir");
	if (pip->index) {
		strings_add(out, "--index-url");
		strings_add(out, pip->index);
	}
	if (pip->extra_index) {
		strings_add(out, "--extra-index-url");
		strings_add(out, pip->extra_index);
	}
	for (size_t i = 0; i < pip->args.n; i++)
		strings_add(out, pip->args.items[i]);
	if (pip->requirements) {
		strings_add(out, "-r");
		strings_add(out, STEP_REQUIREMENTS_PATH);
	}
	for (size_t i = 0; i < pip->packages.n; i++)
		strings_add(out, pip->packages.items[i]);
}

void step_python_packages_script(struct text *out)
{
	add_install(out, true, false,
		    "build-essential ca-certificates wget libbz2-dev libexpat1-dev libffi-dev "
		    "libgdbm-dev liblzma-dev libncurses5-dev libnss3-dev libreadline-dev "
		    "libsqlite3-dev libssl-dev zlib1g-dev");
}

void step_python_script(const char *version, struct text *out)
{
	int minor_len = (int)strcspn(version + strlen("3."), ".") + (int)strlen("3.");

	text_addf(out,
		  "cd /usr/src\n"
		  "wget https://www.python.org/ftp/python/%s/Python-%s.tgz\n"
		  "tar -xzf Python-%s.tgz\n"
		  "cd Python-%s\n"
		  "./configure --enable-optimizations --enable-shared --with-system-expat "
		  "--with-ensurepip=install --prefix=" STEP_PYTHON_PREFIX "\n"
		  "make -j\"$(nproc)\"\n"
		  "make altinstall\n"
		  "cd /\n"
		  "rm -rf /usr/src/Python*\n",
		  version, version, version, version);
	text_addf(out,
		  "ln -s pip%.*s " STEP_PYTHON_PREFIX "/bin/pip\n"
		  "ln -s python%.*s " STEP_PYTHON_PREFIX "/bin/python\n"
		  "echo " STEP_PYTHON_PREFIX "/lib >> /etc/ld.so.conf\n"
		  "ldconfig\n",
		  minor_len, version, minor_len, version);
}
