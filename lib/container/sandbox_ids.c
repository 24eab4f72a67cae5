/* SPDX-License-Identifier: MIT
 * Who we are inside: which id map this machine and user allow, and how it is written. The ranges
 * are those of subuid(5), the map is made by newuidmap(1) and newgidmap(1).
 */
#include "lib/base/io.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/base/process.h"
#include "lib/base/strings.h"
#include "lib/container/container_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* nobody is 65534 and must exist inside */
enum { SUBIDS_NEEDED = 65536, RANGES_LIMIT = 32, RANGE_FILE_LIMIT = 1 << 20 };

struct range {
	unsigned long first;
	unsigned long count;
};
struct ranges {
	struct range items[RANGES_LIMIT];
	size_t n;
	unsigned long total;
};

uint64_t capabilities_held(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
	uint64_t held = 0;

	if (syscall(SYS_capget, &header, data) < 0)
		return 0;
	uint64_t permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;

	for (int i = 0; i <= CAP_LAST_CAP; i++)
		if ((permitted >> i & 1) && prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1)
			held |= (uint64_t)1 << i;
	return held;
}

bool in_user_namespace(void)
{
	auto_text map = {0};
	struct error ignored; /* a kernel without user namespaces */

	if (!file_read("/proc/self/uid_map", 4096, &map, &ignored))
		return false;
	/* user_namespaces(7): the first one maps all ids to themselves */
	char *rest = map.bytes;
	unsigned long first = strtoul(rest, &rest, 10);
	unsigned long below = strtoul(rest, &rest, 10);

	return first != 0 || below != 0 || strtoul(rest, NULL, 10) != UINT32_MAX;
}

/* One line "name:first:count" that is ours. Other and broken lines are skipped, as newuidmap does.
 */
static void add_range(struct ranges *out, const char *line, const char *name)
{
	const char *colon = strchr(line, ':');
	char id[16];
	struct range range;

	snprintf(id, sizeof(id), "%u", (unsigned)getuid());
	size_t len = colon ? (size_t)(colon - line) : 0;
	bool is_ours = (strlen(name) == len && strncmp(line, name, len) == 0) ||
		       (strlen(id) == len && strncmp(line, id, len) == 0);

	if (!is_ours || len == 0 || out->n == RANGES_LIMIT)
		return;
	char *end;

	range.first = strtoul(colon + 1, &end, 10);
	if (*end != ':')
		return;
	range.count = strtoul(end + 1, &end, 10);
	if (*end != '\0' || range.count == 0 || range.count > UINT32_MAX ||
	    range.first > UINT32_MAX - range.count)
		return;
	out->items[out->n++] = range;
	out->total += range.count;
}

static void read_ranges(const char *path, const char *name, struct ranges *out)
{
	auto_text text = {0};
	auto_strings lines = {0};
	struct error ignored; /* no file: no ranges */

	if (!file_read(path, RANGE_FILE_LIMIT, &text, &ignored))
		return;
	strings_split(&lines, text_str(&text), '\n');
	for (size_t i = 0; i < lines.n; i++)
		add_range(out, lines.items[i], name);
}

static void our_ranges(struct ranges *uids, struct ranges *gids)
{
	const struct passwd *entry = getpwuid(getuid());
	auto_free char *name = xstrdup(entry ? entry->pw_name : "");

	read_ranges("/etc/subuid", name, uids);
	read_ranges("/etc/subgid", name, gids);
}

/* NEWxIDMAP PID 0 OWN 1, then the ranges from 1 on. */
static bool map_ranges(const char *program, pid_t pid, unsigned own, const struct ranges *ranges,
		       struct error *err)
{
	auto_strings argv = {0};
	auto_text output = {0};
	unsigned long inside = 1;

	strings_add(&argv, program);
	strings_addf(&argv, "%d", (int)pid);
	strings_add(&argv, "0");
	strings_addf(&argv, "%u", own);
	strings_add(&argv, "1");
	for (size_t i = 0; i < ranges->n; i++) {
		strings_addf(&argv, "%lu", inside);
		strings_addf(&argv, "%lu", ranges->items[i].first);
		strings_addf(&argv, "%lu", ranges->items[i].count);
		inside += ranges->items[i].count;
	}
	return process_capture(strings_argv(&argv), NULL, 4096, &output, NULL, err);
}

static bool write_proc(pid_t pid, const char *name, const char *line, struct error *err)
{
	auto_free char *path = xprintf("/proc/%d/%s", (int)pid, name);
	auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, line, strlen(line)) < 0)
		return fail_errno(err, "writing '%s' to '%s'", line, path);
	return true;
}

static bool map_single(pid_t pid, struct error *err)
{
	auto_free char *uid_line = xprintf("0 %u 1", (unsigned)geteuid());
	auto_free char *gid_line = xprintf("0 %u 1", (unsigned)getegid());

	/* the kernel wants setgroups(2) denied before it lets a user map a group */
	return write_proc(pid, "setgroups", "deny", err) &&
	       write_proc(pid, "uid_map", uid_line, err) &&
	       write_proc(pid, "gid_map", gid_line, err);
}

bool sandbox_map_ids(pid_t pid, enum sandbox_ids ids, struct error *err)
{
	struct ranges uids = {0};
	struct ranges gids = {0};

	if (ids == SANDBOX_ROOT)
		return true;
	if (ids == SANDBOX_SINGLE)
		return map_single(pid, err) || fail_in(err, "mapping our id");
	our_ranges(&uids, &gids);
	return (map_ranges("newuidmap", pid, (unsigned)getuid(), &uids, err) &&
		map_ranges("newgidmap", pid, (unsigned)getgid(), &gids, err)) ||
	       fail_in(err, "mapping the ids of /etc/subuid and /etc/subgid");
}

const char *sandbox_subids_missing(void)
{
	auto_free char *newuidmap = program_find("newuidmap");
	auto_free char *newgidmap = program_find("newgidmap");
	struct ranges uids = {0};
	struct ranges gids = {0};

	if (!newuidmap || !newgidmap)
		return "there is no newuidmap or newgidmap (package uidmap)";
	our_ranges(&uids, &gids);
	if (uids.total < SUBIDS_NEEDED || gids.total < SUBIDS_NEEDED)
		return "/etc/subuid and /etc/subgid have no 65536 ids for us";
	return NULL;
}

static bool do_nothing(struct sandbox *inside maybe_unused, void *arg maybe_unused,
		       struct error *err maybe_unused)
{
	return true;
}

static bool works(enum sandbox_ids ids, struct error *err)
{
	return sandbox_run(&(struct sandbox_options){.ids = ids}, do_nothing, NULL, err);
}

bool sandbox_probe(enum sandbox_ids *out, struct error *err)
{
	enum sandbox_ids found = SANDBOX_SINGLE;

	if (geteuid() == 0 && (capabilities_held() >> CAP_SYS_ADMIN & 1)) {
		*out = SANDBOX_ROOT;
		return true;
	}
	const char *missing = sandbox_subids_missing();

	if (missing)
		log_info("container: one id only: %s", missing);
	else if (works(SANDBOX_SUBIDS, err))
		found = SANDBOX_SUBIDS;
	else
		log_info("container: one id only: %s", err->message);
	if (found == SANDBOX_SINGLE && !works(SANDBOX_SINGLE, err))
		return false;
	*out = found;
	return true;
}

/* Content of a sysctl; -1 when there is none. */
static int sysctl_value(const char *name)
{
	auto_free char *path = xprintf("/proc/sys/%s", name);
	auto_text text = {0};
	struct error ignored; /* not there: not the reason */

	if (!file_read(path, 64, &text, &ignored))
		return -1;
	return (int)strtol(text_str(&text), NULL, 10);
}

bool fail_namespaces(struct error *err, enum sandbox_ids ids, int number)
{
	static const struct {
		const char *name;
		int refusing;
		const char *hint;
	} switches[] = {
		{"kernel/unprivileged_userns_clone", 0, "kernel.unprivileged_userns_clone=1"},
		{"user/max_user_namespaces", 0, "user.max_user_namespaces=10000"},
		{"kernel/apparmor_restrict_unprivileged_userns", 1,
		 "kernel.apparmor_restrict_unprivileged_userns=0"},
	};

	fail(err, ERROR_MISSING, "cannot make %snamespaces: %s", ids == SANDBOX_ROOT ? "" : "user ",
	     strerror(number));
	if (ids == SANDBOX_ROOT)
		return fail_hint(err, "allow CAP_SYS_ADMIN and the clone and mount calls here, or "
				      "run as a user who may make user namespaces");
	for (size_t i = 0; i < array_len(switches); i++)
		if (sysctl_value(switches[i].name) == switches[i].refusing)
			return fail_hint(err, "run 'sysctl -w %s' as root", switches[i].hint);
	return fail_hint(err, "a container or seccomp filter around us forbids them: allow them "
			      "there (docker: --privileged), or run outside of it");
}
