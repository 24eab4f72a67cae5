/* SPDX-License-Identifier: MIT
 * config.json of an OCI bundle (OCI runtime specification 1.0.2). Whatever the runtime would fail
 * on because we do not have it ourselves is clamped: limits, capabilities.
 */
#include "lib/container/container_internal.h"

#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum { FILES_SOFT = 1024, FILES_HARD = 1 << 20 };

/* docker's set without NET_RAW and MKNOD: no cgroup of ours guards the machine's devices */
static const struct {
	int number;
	const char *name;
} capabilities[] = {
	{CAP_CHOWN, "CAP_CHOWN"},
	{CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE"},
	{CAP_FOWNER, "CAP_FOWNER"},
	{CAP_FSETID, "CAP_FSETID"},
	{CAP_KILL, "CAP_KILL"},
	{CAP_SETGID, "CAP_SETGID"},
	{CAP_SETUID, "CAP_SETUID"},
	{CAP_SETPCAP, "CAP_SETPCAP"},
	{CAP_SETFCAP, "CAP_SETFCAP"},
	{CAP_NET_BIND_SERVICE, "CAP_NET_BIND_SERVICE"},
	{CAP_SYS_CHROOT, "CAP_SYS_CHROOT"},
	{CAP_AUDIT_WRITE, "CAP_AUDIT_WRITE"},
};

static void add_list(struct text *out, const char *key, char *const *items)
{
	text_addf(out, ",\"%s\":[", key);
	for (size_t i = 0; items[i]; i++) {
		text_add(out, i ? "," : "");
		text_add_json(out, items[i]);
	}
	text_add_char(out, ']');
}

static void add_user(const struct bundle *b, struct text *out)
{
	static const struct user_ids root = {0};
	const struct user_ids *user = b->inside->ids == SANDBOX_SINGLE ? &root : &b->run->user;

	text_addf(out, ",\"user\":{\"uid\":%u,\"gid\":%u,\"umask\":18", (unsigned)user->uid,
		  (unsigned)user->gid);
	for (size_t i = 0; i < user->n_groups; i++)
		text_addf(out, "%s%u", i ? "," : ",\"additionalGids\":[",
			  (unsigned)user->groups[i]);
	text_add(out, user->n_groups ? "]}" : "}");
}

static void add_capabilities(const struct bundle *b, struct text *out)
{
	static const char *const sets[] = {"bounding", "effective", "permitted"};
	uint64_t held = b->run->is_service ? 0 : capabilities_held();

	text_add(out, ",\"capabilities\":{\"inheritable\":[],\"ambient\":[]");
	for (size_t i = 0; i < array_len(sets); i++) {
		const char *separator = "";

		text_addf(out, ",\"%s\":[", sets[i]);
		for (size_t j = 0; j < array_len(capabilities); j++) {
			if (!(held >> capabilities[j].number & 1))
				continue;
			text_addf(out, "%s\"%s\"", separator, capabilities[j].name);
			separator = ",";
		}
		text_add_char(out, ']');
	}
	text_add_char(out, '}');
}

static void add_limits(struct text *out)
{
	struct rlimit files = {FILES_SOFT, FILES_SOFT};

	/* without CAP_SYS_RESOURCE nobody can raise it */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max > FILES_HARD)
		files.rlim_max = FILES_HARD;
	files.rlim_cur = files.rlim_max < FILES_SOFT ? files.rlim_max : FILES_SOFT;
	text_addf(out, ",\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":%llu,\"hard\":%llu}]",
		  (unsigned long long)files.rlim_cur, (unsigned long long)files.rlim_max);
}

static void add_process(const struct bundle *b, struct text *out)
{
	const struct run_options *run = b->run;

	text_addf(out, ",\"process\":{\"terminal\":%s", run->has_terminal ? "true" : "false");
	add_user(b, out);
	add_list(out, "args", run->argv);
	add_list(out, "env", run->env);
	text_add(out, ",\"cwd\":");
	text_add_json(out, run->cwd ? run->cwd : "/");
	add_capabilities(b, out);
	add_limits(out);
	text_addf(out, ",\"noNewPrivileges\":%s}",
		  run->may_gain_privileges && !run->is_service ? "false" : "true");
}

#define MOUNT(target, type, options)                                                               \
	"{\"destination\":\"" target "\",\"type\":\"" type "\",\"source\":\"" type                 \
	"\",\"options\":[" options "]}"
#define SAFE "\"nosuid\",\"noexec\",\"nodev\""

static void add_kernel_mounts(const struct bundle *b, struct text *out)
{
	/* group 5, tty, does not exist where there is one id */
	const char *tty = b->inside->ids == SANDBOX_SINGLE ? "" : ",\"gid=5\"";

	text_add(out, MOUNT("/proc", "proc", SAFE) "," MOUNT(
			      "/dev", "tmpfs",
			      "\"nosuid\",\"strictatime\",\"mode=755\",\"size=65536k\"") ",");
	text_addf(out,
		  MOUNT("/dev/pts", "devpts",
			"\"nosuid\",\"noexec\",\"newinstance\",\"ptmxmode=0666\",\"mode=0620\"%s"),
		  tty);
	text_add(out,
		 "," MOUNT("/dev/shm", "tmpfs", SAFE ",\"mode=1777\",\"size=65536k\"") "," MOUNT(
			 "/dev/mqueue", "mqueue", SAFE) ",");
	/* the kernel gives a sysfs only to the owner of the network namespace that it shows */
	if (!b->inside->is_user_namespace || b->run->has_no_network || b->run->network)
		text_add(out, MOUNT("/sys", "sysfs", SAFE ",\"ro\""));
	else
		text_add(out, "{\"destination\":\"/sys\",\"type\":\"bind\",\"source\":\"/sys\","
			      "\"options\":[\"rbind\"," SAFE ",\"ro\"]}");
}

static void add_bind(struct text *out, const struct mount *m)
{
	text_add(out, ",{\"destination\":");
	text_add_json(out, m->target);
	text_add(out, ",\"type\":\"bind\",\"source\":");
	text_add_json(out, m->source);
	text_addf(out, ",\"options\":[\"rbind\",\"nosuid\"%s,\"%s\"]}",
		  m->is_device ? "" : ",\"nodev\"", m->is_writable ? "rw" : "ro");
}

const char *const bundle_files[] = {"resolv.conf", "hosts", "hostname", NULL};

static void add_mounts(const struct bundle *b, struct text *out)
{
	text_add(out, ",\"mounts\":[");
	add_kernel_mounts(b, out);
	for (size_t i = 0; bundle_files[i]; i++) {
		auto_text source = {0};
		auto_text target = {0};

		text_addf(&source, "%s/%s", b->directory, bundle_files[i]);
		text_addf(&target, "/etc/%s", bundle_files[i]);
		add_bind(out, &(struct mount){text_str(&source), text_str(&target), false, false});
	}
	for (size_t i = 0; i < b->run->n_mounts; i++)
		add_bind(out, &b->run->mounts[i]);
	text_add_char(out, ']');
}

static void add_linux(const struct bundle *b, struct text *out)
{
	text_add(out, ",\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"ipc\"},"
		      "{\"type\":\"uts\"},{\"type\":\"mount\"}");
	if (b->run->network)
		text_add(out, ",{\"type\":\"network\",\"path\":\"" NETWORK_PATH "\"}]");
	else
		text_add(out, b->run->has_no_network ? ",{\"type\":\"network\"}]" : "]");
	text_add(out, ",\"maskedPaths\":[\"/proc/acpi\",\"/proc/asound\",\"/proc/interrupts\","
		      "\"/proc/kcore\",\"/proc/keys\",\"/proc/latency_stats\","
		      "\"/proc/timer_list\",\"/proc/timer_stats\",\"/proc/sched_debug\","
		      "\"/proc/scsi\",\"/sys/firmware\",\"/sys/devices/virtual/powercap\"]");
	text_add(out, ",\"readonlyPaths\":[\"/proc/bus\",\"/proc/fs\",\"/proc/irq\",\"/proc/sys\","
		      "\"/proc/sysrq-trigger\"]");
	/* EINVAL: a kernel without filters, where a runtime would fail */
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0) {
		text_add(out, ",\"seccomp\":");
		seccomp_format(b->inside->ids, out);
	}
	text_add_char(out, '}');
}

static void add_hook(struct text *out, const struct cdi_hook *hook)
{
	text_add(out, "{\"path\":");
	text_add_json(out, hook->path);
	if (hook->args.n)
		add_list(out, "args", hook->args.items);
	if (hook->env.n)
		add_list(out, "env", hook->env.items);
	if (hook->timeout_s > 0)
		text_addf(out, ",\"timeout\":%lld", (long long)hook->timeout_s);
	text_add_char(out, '}');
}

/* Grouped by when they run; in their order. */
static void add_hooks(const struct bundle *b, struct text *out)
{
	auto_strings done = {0};

	text_add(out, ",\"hooks\":{");
	for (size_t i = 0; i < b->run->n_hooks; i++) {
		const char *when = b->run->hooks[i].when;
		const char *separator = "";

		if (strings_has(&done, when))
			continue;
		text_addf(out, "%s\"%s\":[", done.n ? "," : "", when);
		strings_add(&done, when);
		for (size_t j = i; j < b->run->n_hooks; j++) {
			if (strcmp(b->run->hooks[j].when, when) != 0)
				continue;
			text_add(out, separator);
			add_hook(out, &b->run->hooks[j]);
			separator = ",";
		}
		text_add_char(out, ']');
	}
	text_add_char(out, '}');
}

void bundle_format(const struct bundle *b, struct text *out)
{
	text_add(out, "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":");
	text_add_json(out, b->run->root->path);
	text_addf(out, ",\"readonly\":%s},\"hostname\":", b->run->is_read_only ? "true" : "false");
	text_add_json(out, b->run->hostname ? b->run->hostname : "chutes");
	add_process(b, out);
	add_mounts(b, out);
	add_linux(b, out);
	if (b->run->n_hooks)
		add_hooks(b, out);
	text_add_char(out, '}');
}
