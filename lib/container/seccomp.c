/* SPDX-License-Identifier: MIT
 * System call filters as runtimes read them (OCI runtime specification, config-linux, seccomp).
 *
 * A deny list: compiling an allow list of 430 names costs crun 5 ms per architecture at every
 * start, this one 1 ms for all. It holds what docker's default profile refuses to a container
 * without privileges.
 */
#include "lib/container/container_internal.h"

#include <errno.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>

static const char *const denied[] = {
	"acct",
	"add_key",
	"bpf",
	"clock_adjtime",
	"clock_adjtime64",
	"clock_settime",
	"clock_settime64",
	"create_module",
	"delete_module",
	"fanotify_init",
	"finit_module",
	"get_kernel_syms",
	"get_mempolicy",
	"init_module",
	"io_uring_enter",
	"io_uring_register",
	"io_uring_setup",
	"ioperm",
	"iopl",
	"kcmp",
	"kexec_file_load",
	"kexec_load",
	"keyctl",
	"lookup_dcookie",
	"mbind",
	"migrate_pages",
	"mount",
	"mount_setattr",
	"move_mount",
	"move_pages",
	"name_to_handle_at",
	"nfsservctl",
	"open_by_handle_at",
	"open_tree",
	"fsopen",
	"fsconfig",
	"fsmount",
	"fspick",
	"perf_event_open",
	"pidfd_getfd",
	"pivot_root",
	"process_vm_readv",
	"process_vm_writev",
	"query_module",
	"quotactl",
	"quotactl_fd",
	"reboot",
	"request_key",
	"set_mempolicy",
	"setns",
	"settimeofday",
	"stime",
	"swapoff",
	"swapon",
	"sysfs",
	"syslog",
	"_sysctl",
	"umount",
	"umount2",
	"unshare",
	"uselib",
	"userfaultfd",
	"ustat",
	"vhangup",
	"vm86",
	"vm86old",
};

/* With one id nobody else exists to give a file to or to become: these do nothing and say yes. */
static const char *const answered[] = {
	"chown",       "chown32",     "lchown",     "lchown32",    "fchown",
	"fchown32",    "fchownat",    "setuid",     "setuid32",    "setgid",
	"setgid32",    "setreuid",    "setreuid32", "setregid",    "setregid32",
	"setresuid",   "setresuid32", "setresgid",  "setresgid32", "setgroups",
	"setgroups32", "setfsuid",    "setfsuid32", "setfsgid",    "setfsgid32",
};

static const int namespace_flags[] = {
	CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
	CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET,
};

static void add_names(struct text *out, const char *const *names, size_t n, int number)
{
	text_add(out, "{\"names\":[");
	for (size_t i = 0; i < n; i++) {
		text_add(out, i ? "," : "");
		text_add_json(out, names[i]);
	}
	text_addf(out, "],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":%d}", number);
}

/* The call ends with `number` where argument `index` & `mask` == `value`. */
static void add_masked(struct text *out, const char *name, int index, unsigned mask, unsigned value,
		       int number)
{
	text_addf(out,
		  ",{\"names\":[\"%s\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":%d,\"args\":["
		  "{\"index\":%d,\"value\":%u,\"valueTwo\":%u,\"op\":\"SCMP_CMP_MASKED_EQ\"}]}",
		  name, number, index, mask, value);
}

static void add_answered(struct text *out)
{
	static const unsigned devices[] = {S_IFCHR, S_IFBLK};

	text_add_char(out, ',');
	add_names(out, answered, array_len(answered), 0);
	for (size_t i = 0; i < array_len(devices); i++) {
		add_masked(out, "mknod", 1, S_IFMT, devices[i], 0);
		add_masked(out, "mknodat", 2, S_IFMT, devices[i], 0);
	}
}

void seccomp_format(enum sandbox_ids ids, struct text *out)
{
	static const char *const clone3 = "clone3";

	text_add(out, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":["
#if defined(__x86_64__)
		      "\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\""
#elif defined(__aarch64__)
		      "\"SCMP_ARCH_AARCH64\",\"SCMP_ARCH_ARM\""
#endif
		      "],\"syscalls\":[");
	add_names(out, denied, array_len(denied), EPERM);
	for (size_t i = 0; i < array_len(namespace_flags); i++)
		add_masked(out, "clone", 0, (unsigned)namespace_flags[i],
			   (unsigned)namespace_flags[i], EPERM);
	/* to the hypervisor, past every network namespace */
	add_masked(out, "socket", 0, UINT32_MAX, AF_VSOCK, EPERM);
	/* its flags are in memory, where no filter can look: libc falls back to clone(2) */
	text_add_char(out, ',');
	add_names(out, &clone3, 1, ENOSYS);
	if (ids == SANDBOX_SINGLE)
		add_answered(out);
	text_add(out, "]}");
}
