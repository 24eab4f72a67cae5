/* SPDX-License-Identifier: MIT
 * The two passes over a Python file, each a process of the host's Python that writes one JSON
 * document. The one that runs the author's code is held in a sandbox: namespaces of its own without
 * any network, every mount read-only and without devices, no capabilities, no new sockets.
 */
#include "lib/base/env.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/process.h"
#include "lib/container/container.h"
#include "lib/import/import_internal.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	DOCUMENT_LIMIT = 16 << 20,
	MESSAGE_BYTES = 1,
	RECORD_TIMEOUT_MS = 60000,
	RECORD_CPU_S = 60,
};

static bool find_python(const struct import_options *o, char **out, struct error *err)
{
	const char *named = o->python ? o->python : env_get(ENV_CHUTES_PYTHON);

	*out = program_find(named ? named : "python3");
	if (*out)
		return true;
	fail(err, ERROR_MISSING, "there is no '%s' to read the file with",
	     named ? named : "python3");
	return fail_hint(err, "install Python 3.10 or newer, or name one in CHUTES_PYTHON");
}

static bool document_parse(const struct text *text, struct json **out, struct error *err)
{
	if (json_parse(text_str(text), text->len, DOCUMENT_LIMIT, out, err))
		return true;
	err->code = ERROR_FAILURE;
	return fail_in(err, "what Python says of the file");
}

struct pass {
	struct strings argv;
	struct strings env;
};

static void pass_release(struct pass *p)
{
	strings_release(&p->argv);
	strings_release(&p->env);
}

static bool pass_prepare(struct pass *p, const struct import_options *o, const char *what,
			 const char *file, struct error *err)
{
	char *python = NULL;
	auto_free char *share = NULL;
	const char *path = env_get(ENV_PATH);

	if (!find_python(o, &python, err))
		return false;
	strings_add_taken(&p->argv, python);
	if (!path_share(&share, err))
		return false;
	strings_add(&p->argv, "-I");
	strings_add(&p->argv, "-B");
	strings_add_taken(&p->argv, path_join(share, "lib/sdk/chutes_import/__main__.py"));
	strings_add(&p->argv, what);
	strings_add(&p->argv, file);
	strings_env_set(&p->env, "PATH", path ? path : "/usr/bin:/bin");
	strings_env_set(&p->env, "HOME", "/nonexistent");
	strings_env_set(&p->env, "LC_ALL", "C.UTF-8");
	if (o->env)
		strings_env_set_all(&p->env, o->env);
	return true;
}

bool import_read(const struct import_options *o, const char *file, struct json **out,
		 struct error *err)
{
	struct pass p = {0};
	auto_text document = {0};
	bool ok = pass_prepare(&p, o, "read", file, err) &&
		  process_capture(strings_argv(&p.argv), strings_argv(&p.env), DOCUMENT_LIMIT,
				  &document, NULL, err) &&
		  document_parse(&document, out, err);

	pass_release(&p);
	return ok;
}

/* --- inside of the sandbox */

static bool set_attributes(const char *path, unsigned flags, uint64_t set, uint64_t clear)
{
	struct mount_attr attributes = {.attr_set = set, .attr_clr = clear};

	return syscall(SYS_mount_setattr, AT_FDCWD, path, flags, &attributes, sizeof(attributes)) ==
	       0;
}

/* Nothing can be written, no device opened but those that hold nothing. */
static bool close_mounts(struct error *err)
{
	static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/urandom"};

	if (!set_attributes("/", AT_RECURSIVE,
			    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID, 0))
		return fail_errno(err, "making the file system read-only");
	for (size_t i = 0; i < array_len(devices); i++)
		if (mount(devices[i], devices[i], NULL, MS_BIND, NULL) < 0 ||
		    !set_attributes(devices[i], 0, 0, MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY))
			return fail_errno(err, "keeping '%s'", devices[i]);
	return true;
}

static bool drop_capabilities(struct error *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};

	for (unsigned long i = 0; i <= CAP_LAST_CAP; i++)
		prctl(PR_CAPBSET_DROP, i, 0, 0, 0); /* fails for those the kernel does not know */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_capset, &header, none) < 0)
		return fail_errno(err, "giving up capabilities");
	return true;
}

#if defined(__x86_64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the filter of system calls needs the name of this architecture"
#endif

#define REFUSE(number)                                                                             \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1),                                       \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

/* No new sockets: those that lie in the file system lead out of every namespace. */
static bool refuse_sockets(struct error *err)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCHITECTURE, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		/* x32 has the same architecture and other numbers */
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		REFUSE(SYS_socket),
		REFUSE(SYS_connect),
		REFUSE(SYS_io_uring_setup),
		REFUSE(SYS_ptrace),
		REFUSE(SYS_unshare),
		REFUSE(SYS_setns),
		REFUSE(SYS_mount),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = array_len(filter), .filter = filter};

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 ||
	       fail_errno(err, "refusing sockets");
}

static bool limit(int what, rlim_t most, struct error *err)
{
	struct rlimit now;

	if (getrlimit((__rlimit_resource_t)what, &now) < 0)
		return fail_errno(err, "asking for a limit");
	if (now.rlim_max > most)
		now.rlim_max = most;
	now.rlim_cur = now.rlim_max;
	return setrlimit((__rlimit_resource_t)what, &now) == 0 ||
	       fail_errno(err, "setting a limit");
}

static bool send_document(struct sandbox *inside, const struct text *document, struct error *err)
{
	for (size_t at = 0; at < document->len; at += SANDBOX_MESSAGE_LIMIT) {
		size_t left = document->len - at;

		if (!sandbox_send(inside, MESSAGE_BYTES, text_str(document) + at,
				  left < SANDBOX_MESSAGE_LIMIT ? left : SANDBOX_MESSAGE_LIMIT, -1,
				  err))
			return false;
	}
	return true;
}

static bool record_inside(struct sandbox *inside, void *arg, struct error *err)
{
	struct pass *p = arg;
	auto_text document = {0};

	if (unshare(CLONE_NEWNET) < 0)
		return fail_errno(err, "leaving the network");
	return close_mounts(err) && limit(RLIMIT_CPU, RECORD_CPU_S, err) &&
	       limit(RLIMIT_CORE, 0, err) && drop_capabilities(err) && refuse_sockets(err) &&
	       process_capture(strings_argv(&p->argv), strings_argv(&p->env), DOCUMENT_LIMIT,
			       &document, NULL, err) &&
	       send_document(inside, &document, err);
}

/* --- outside */

static bool on_message(void *context, int type, const void *bytes, size_t len, int fd,
		       struct error *err)
{
	struct text *document = context;

	fd_close(&fd);
	if (type != MESSAGE_BYTES || document->len + len > DOCUMENT_LIMIT)
		return fail(err, ERROR_FAILURE, "the sandbox sent more than a document");
	text_add_bytes(document, bytes, len);
	return true;
}

static bool explain(struct error *err)
{
	if (err->code == ERROR_TIMEOUT)
		return fail_in(err, "running the file") ||
		       fail_hint(err, "what takes long belongs into a startup hook");
	return fail_in(err, "running the file");
}

bool import_record(const struct import_options *o, struct json **out, struct error *err)
{
	struct pass p = {0};
	auto_text document = {0};
	struct sandbox_options so = {
		.on_message = on_message,
		.extra_fd = -1,
		.context = &document,
		.timeout_ms = o->timeout_ms ? o->timeout_ms : RECORD_TIMEOUT_MS,
	};

	if (!sandbox_probe(&so.ids, err))
		return fail_in(err, "running the file");
	bool ok = pass_prepare(&p, o, "record", o->file, err) &&
		  (sandbox_run(&so, record_inside, &p, err) || explain(err)) &&
		  document_parse(&document, out, err);

	pass_release(&p);
	return ok;
}
