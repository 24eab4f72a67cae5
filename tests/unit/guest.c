/* SPDX-License-Identifier: MIT
 * The only program of the tests' containers: static, so that a root file system needs nothing else.
 * Its words are executed in order: `guest say hello touch /x exit 7`.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_clone3
#define SYS_clone3 435
#endif

static void result(const char *name, long value)
{
	printf("%s=%s\n", name, value < 0 ? strerrorname_np(errno) : "ok");
}

static void print_file(const char *path)
{
	char buffer[4096];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buffer, sizeof(buffer));

	if (n < 0)
		result(path, -1);
	else
		fwrite(buffer, 1, (size_t)n, stdout);
	if (fd >= 0)
		close(fd);
}

static void touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0644);

	if (fd < 0)
		result(path, -1);
	else
		close(fd);
}

static void report_ids(void)
{
	gid_t groups[64];
	int n = getgroups(64, groups);

	printf("uid=%u gid=%u groups=", (unsigned)getuid(), (unsigned)getgid());
	for (int i = 0; i < n; i++)
		printf("%s%u", i ? "," : "", (unsigned)groups[i]);
	printf("\n");
}

static void report(void)
{
	struct rlimit files;
	char text[256];

	report_ids();
	getrlimit(RLIMIT_NOFILE, &files);
	printf("pid=%d nnp=%d soft=%ld umask=%o\n", (int)getpid(),
	       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), (long)files.rlim_cur, (unsigned)umask(022));
	printf("cwd=%s\n", getcwd(text, sizeof(text)) ? text : "?");
	gethostname(text, sizeof(text));
	printf("hostname=%s\n", text);
}

static void try_calls(void)
{
	char clone3_arguments[88] = {0};
	int fd = open("/tried", O_WRONLY | O_CREAT, 0644);

	result("mount", mount("x", "/", "tmpfs", 0, NULL));
	result("unshare", unshare(CLONE_NEWNS));
	result("clone3", syscall(SYS_clone3, clone3_arguments, sizeof(clone3_arguments)));
	result("clone", syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, NULL, NULL, NULL, NULL));
	result("chown", fchown(fd, 7, 7));
	result("setgroups", setgroups(0, NULL));
	result("mknod", mknod("/device", S_IFBLK | 0600, makedev(7, 200)));
	result("vsock", socket(AF_VSOCK, SOCK_STREAM, 0));
	result("fifo", mknod("/fifo", S_IFIFO | 0600, 0));
}

static void on_signal(int number) { _exit(number == SIGTERM ? 5 : 6); }

static void print_size(void)
{
	struct winsize size = {0};

	for (int i = 0; i < 100 && size.ws_col == 0; i++) {
		ioctl(0, TIOCGWINSZ, &size);
		usleep(20000);
	}
	printf("tty=%d %dx%d\n", isatty(0), size.ws_col, size.ws_row);
}

/* A child that survives its parent. */
static void leave_daemon(void)
{
	if (fork() == 0) {
		setsid();
		for (;;)
			pause();
	}
}

static void with_argument(const char *word, const char *argument)
{
	if (strcmp(word, "say") == 0)
		puts(argument);
	else if (strcmp(word, "cat") == 0)
		print_file(argument);
	else if (strcmp(word, "touch") == 0)
		touch(argument);
	else if (strcmp(word, "rm") == 0)
		result("rm", unlink(argument));
	else if (strcmp(word, "env") == 0)
		puts(getenv(argument) ? getenv(argument) : "(unset)");
	else if (strcmp(word, "kill") == 0) {
		/* process 1 survives its own signals: a child dies, and we as shells do */
		int status;
		pid_t pid = fork();

		if (pid == 0)
			kill(getpid(), (int)strtol(argument, NULL, 10));
		waitpid(pid, &status, 0);
		fflush(stdout);
		_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
	} else if (strcmp(word, "exit") == 0) {
		fflush(stdout);
		_exit((int)strtol(argument, NULL, 10));
	}
}

static int without_argument(const char *word)
{
	if (strcmp(word, "report") == 0)
		report();
	else if (strcmp(word, "try") == 0)
		try_calls();
	else if (strcmp(word, "size") == 0)
		print_size();
	else if (strcmp(word, "daemon") == 0)
		leave_daemon();
	else if (strcmp(word, "on-term") == 0)
		signal(SIGTERM, on_signal);
	else if (strcmp(word, "on-int") == 0)
		signal(SIGINT, on_signal);
	else if (strcmp(word, "sleep") == 0)
		for (;;)
			pause();
	else
		return 0;
	return 1;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		fflush(stdout);
		if (!without_argument(argv[i]) && i + 1 < argc) {
			with_argument(argv[i], argv[i + 1]);
			i++;
		}
	}
	return 0;
}
