/* SPDX-License-Identifier: MIT */
#include "lib/container/cdi.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

#define KIND "nvidia.com/gpu"

/* As nvidia-ctk 1.17 writes it, shortened. */
static const char nvidia[] = "---\n"
			     "cdiVersion: 0.5.0\n"
			     "containerEdits:\n"
			     "    deviceNodes:\n"
			     "        - path: /dev/nvidia-modeset\n"
			     "        - path: /dev/nvidiactl\n"
			     "    env:\n"
			     "        - NVIDIA_VISIBLE_DEVICES=void\n"
			     "    hooks:\n"
			     "        - args:\n"
			     "            - nvidia-cdi-hook\n"
			     "            - create-symlinks\n"
			     "            - --link\n"
			     "            - libcuda.so.1::/usr/lib/x86_64-linux-gnu/libcuda.so\n"
			     "          env:\n"
			     "            - NVIDIA_CTK_DEBUG=false\n"
			     "          hookName: createContainer\n"
			     "          path: /usr/bin/nvidia-cdi-hook\n"
			     "    mounts:\n"
			     "        - containerPath: /usr/bin/nvidia-smi\n"
			     "          hostPath: /usr/bin/nvidia-smi\n"
			     "          options:\n"
			     "            - ro\n"
			     "            - nosuid\n"
			     "            - nodev\n"
			     "            - rbind\n"
			     "            - rprivate\n"
			     "        - containerPath: /run/nvidia-persistenced/socket\n"
			     "          hostPath: /run/nvidia-persistenced/socket\n"
			     "          options: [nosuid, nodev, rbind, rprivate, noexec]\n"
			     "devices:\n"
			     "    - containerEdits:\n"
			     "        deviceNodes:\n"
			     "            - path: /dev/nvidia0\n"
			     "              major: 195\n"
			     "              minor: 0\n"
			     "              fileMode: 438\n"
			     "              permissions: rw\n"
			     "      name: \"0\"\n"
			     "    - containerEdits:\n"
			     "        deviceNodes:\n"
			     "            - {path: /dev/nvidia1, hostPath: /dev/nvidia7}\n"
			     "        additionalGids: [44]\n"
			     "      name: \"1\"\n"
			     "    - containerEdits:\n"
			     "        deviceNodes:\n"
			     "            - path: /dev/nvidia0\n"
			     "            - path: /dev/nvidia1\n"
			     "      name: all\n"
			     "kind: nvidia.com/gpu\n";

struct folder {
	char *path;
	const char *directories[3];
};

static struct folder folder_new(void)
{
	char *path = xstrdup("/tmp/chutes-cdi-XXXXXX");

	if (!mkdtemp(path))
		abort();
	struct folder f = {path, {path_join(path, "etc"), path_join(path, "run"), NULL}};
	struct error err;

	CHECK_OK(directory_make(f.directories[1], 0755, &err), err);
	return f;
}

static void folder_release(struct folder *f)
{
	struct error err;

	CHECK_OK(tree_remove_path(f->path, &err), err);
	free((void *)(uintptr_t)f->directories[0]);
	free((void *)(uintptr_t)f->directories[1]);
	free(f->path);
}
#define auto_folder __attribute__((cleanup(folder_release))) struct folder

static void put(const struct folder *f, int directory, const char *name, const char *text)
{
	auto_free char *path = path_join(f->directories[directory], name);
	struct error err;

	CHECK_OK(directory_make(f->directories[directory], 0755, &err), err);
	CHECK_OK(file_create(path, text, strlen(text), 0644, &err), err);
}

static void check_mount(const struct cdi_edits *e, size_t i, const char *source, const char *target,
			bool is_writable, bool is_device)
{
	CHECK_OR_STOP(i < e->n_mounts);
	CHECK_TEXT(e->mounts[i].source, source);
	CHECK_TEXT(e->mounts[i].target, target);
	CHECK(e->mounts[i].is_writable == is_writable && e->mounts[i].is_device == is_device);
}

TEST(some_devices)
{
	auto_folder f = folder_new();
	auto_cdi_edits e = {0};
	struct error err;

	put(&f, 0, "nvidia.yaml", nvidia);
	put(&f, 0, "nvidia.txt", "no document");
	put(&f, 0, "other.yaml", "cdiVersion: 9\nkind: other.com/nic\ndevices: 7\n");
	put(&f, 0, "broken.json", "{");
	CHECK_OK(cdi_find(f.directories, KIND, "1,0", &e, &err), err);
	CHECK(e.env.n == 1);
	CHECK_TEXT(strings_env_find(&e.env, "NVIDIA_VISIBLE_DEVICES"), "void");
	CHECK(e.n_mounts == 6);
	check_mount(&e, 0, "/dev/nvidia-modeset", "/dev/nvidia-modeset", true, true);
	check_mount(&e, 2, "/usr/bin/nvidia-smi", "/usr/bin/nvidia-smi", false, false);
	check_mount(&e, 3, "/run/nvidia-persistenced/socket", "/run/nvidia-persistenced/socket",
		    true, false);
	check_mount(&e, 4, "/dev/nvidia0", "/dev/nvidia0", true, true);
	check_mount(&e, 5, "/dev/nvidia7", "/dev/nvidia1", true, true);
	CHECK(e.n_groups == 1 && e.groups[0] == 44);
	CHECK_OR_STOP(e.n_hooks == 1);
	CHECK_TEXT(e.hooks[0].when, "createContainer");
	CHECK_TEXT(e.hooks[0].path, "/usr/bin/nvidia-cdi-hook");
	CHECK(e.hooks[0].args.n == 4 && e.hooks[0].env.n == 1 && e.hooks[0].timeout_s == 0);
}

TEST(all_devices)
{
	auto_folder f = folder_new();
	auto_cdi_edits e = {0};
	auto_cdi_edits without = {0};
	struct error err;

	put(&f, 0, "a.yaml", nvidia);
	CHECK_OK(cdi_find(f.directories, KIND, "all", &e, &err), err);
	CHECK(e.n_mounts == 6);
	check_mount(&e, 5, "/dev/nvidia1", "/dev/nvidia1", true, true);
	auto_folder g = folder_new();

	put(&g, 0, "b.json",
	    "{\"cdiVersion\":\"1.0.0\",\"kind\":\"" KIND "\",\"devices\":["
	    "{\"name\":\"0\",\"containerEdits\":{\"deviceNodes\":[{\"path\":\"/dev\\/g0\"}]}},"
	    "{\"name\":\"1\",\"containerEdits\":{\"env\":[\"A=1\"]}}]}");
	CHECK_OK(cdi_find(g.directories, KIND, "all", &without, &err), err);
	CHECK(without.n_mounts == 1 && without.env.n == 1);
	check_mount(&without, 0, "/dev/g0", "/dev/g0", true, true);
}

TEST(the_later_directory_wins)
{
	auto_folder f = folder_new();
	auto_cdi_edits e = {0};
	struct error err;

	put(&f, 0, "a.yaml", nvidia);
	put(&f, 1, "z.yaml",
	    "cdiVersion: 0.3.0\nkind: " KIND "\n"
	    "devices: [{name: \"0\", containerEdits: {deviceNodes: [{path: /dev/mine}]}}]\n");
	CHECK_OK(cdi_find(f.directories, KIND, "0", &e, &err), err);
	CHECK(e.n_mounts == 1);
	check_mount(&e, 0, "/dev/mine", "/dev/mine", true, true);
}

TEST(nothing_there)
{
	auto_folder f = folder_new();
	struct cdi_edits e;
	struct error err;

	CHECK(!cdi_find(f.directories, KIND, "all", &e, &err));
	CHECK(err.code == ERROR_MISSING);
	CHECK_TEXT(err.message,
		   "nothing describes the GPUs of this machine: no 'nvidia.com/gpu' in "
		   "/etc/cdi or /var/run/cdi");
	CHECK(strstr(err.hint, "nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml") != NULL);
	put(&f, 0, "a.yaml", nvidia);
	CHECK(!cdi_find(f.directories, KIND, "0,7", &e, &err));
	CHECK(err.code == ERROR_NOT_FOUND);
	CHECK_TEXT(err.message, "no GPU '7' in this machine");
	CHECK_TEXT(err.hint, "there are: 0, 1, all");
}

TEST(documents_that_are_refused)
{
#define HEAD "cdiVersion: 0.6.0\nkind: " KIND "\n"
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{"kind: " KIND "\n", "'cdiVersion' is missing"},
		{"cdiVersion: \"2.0\"\nkind: " KIND "\n", "version '2.0' of CDI is not known"},
		{"cdiVersion: 0.2.0\nkind: " KIND "\n", "version '0.2.0' of CDI is not known"},
		{HEAD "devices: {}\n", "'devices' must be a list, not an object"},
		{HEAD "devices: [{}]\n", "'devices': 'name' is missing"},
		{HEAD "devices: [{name: \"0\", containerEdits: {deviceNodes: [{path: dev}]}}]\n",
		 "device '0': 'deviceNodes': 'dev' is no absolute path"},
		{HEAD "devices: [{name: \"0\"}]\ncontainerEdits: {env: [A]}\n",
		 "'A' is not NAME=value"},
		{HEAD "devices: [{name: \"0\"}]\n"
		      "containerEdits: {hooks: [{hookName: never, path: /x}]}\n",
		 "'hooks': a hook 'never' is not known"},
		{HEAD "devices: [{name: \"0\"}]\ncontainerEdits: {mounts: [{hostPath: /a, "
		      "containerPath: /b, type: nfs}]}\n",
		 "'mounts': a mount of type 'nfs' is not known"},
		{HEAD "devices: [{name: \"0\"}]\ncontainerEdits: {additionalGids: [0]}\n",
		 "'additionalGids': 0 is no group"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_folder f = folder_new();
		auto_free char *expected =
			xprintf("'%s/a.yaml': %s", f.directories[0], cases[i].message);
		struct cdi_edits e;
		struct error err;

		put(&f, 0, "a.yaml", cases[i].text);
		CHECK(!cdi_find(f.directories, KIND, "0", &e, &err));
		CHECK(err.code == ERROR_MISSING);
		CHECK_TEXT(err.message, expected);
		CHECK(strstr(err.hint, "nvidia-ctk cdi generate") != NULL);
	}
}
