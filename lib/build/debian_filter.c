/* SPDX-License-Identifier: MIT
 * A seccomp filter as 30 instructions of classic BPF. A library would be one more dependency for
 * numbers that the kernel's headers have; the filter is only for programs of the native
 * architecture, other ones are left alone.
 */
#include "lib/build/debian_internal.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "name the audit architecture of this machine"
#endif

#define LOAD(field)  BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, (what))
/* If the loaded number is `value`, answer 0 and do nothing. */
#define ANSWER(value)                                                                              \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1), RETURN(SECCOMP_RET_ERRNO | 0)
/* The same for mknod-like calls, if argument `mode` (its low half) says a device. */
#define ANSWER_DEVICE(number, mode)                                                                \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 6), LOAD(args[mode]),                     \
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, S_IFMT), ANSWER(S_IFCHR), ANSWER(S_IFBLK),     \
		LOAD(nr)

static struct sock_filter program[] = {
	LOAD(arch),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCHITECTURE, 1, 0),
	RETURN(SECCOMP_RET_ALLOW),
	LOAD(nr),
#ifdef SYS_chown
	ANSWER(SYS_chown),
	ANSWER(SYS_lchown),
	ANSWER_DEVICE(SYS_mknod, 1),
#endif
	ANSWER(SYS_fchown),
	ANSWER(SYS_fchownat),
	ANSWER(SYS_setuid),
	ANSWER(SYS_setgid),
	ANSWER(SYS_setreuid),
	ANSWER(SYS_setregid),
	ANSWER(SYS_setresuid),
	ANSWER(SYS_setresgid),
	ANSWER(SYS_setgroups),
	ANSWER(SYS_setfsuid),
	ANSWER(SYS_setfsgid),
	ANSWER_DEVICE(SYS_mknodat, 2),
	RETURN(SECCOMP_RET_ALLOW),
};

bool debian_filter_install(void)
{
	const struct sock_fprog filter = {.len = array_len(program), .filter = program};

	/* without privileges a filter needs this, and set-user-ID programs have nothing to gain
	 * here */
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}
