/* SPDX-License-Identifier: MIT */
#include "lib/base/memory_room.h"

#include "tests/unit/project_fixture.h"

#define MIB (1 << 20)

static void check(const struct folder *f, uint64_t want)
{
	uint64_t got = memory_room_below(f->path);

	if (!CHECK(got == want))
		printf("# %ju, not %ju\n", (uintmax_t)got, (uintmax_t)want);
}

TEST(nobody_says)
{
	auto_folder f = folder_new();

	check(&f, UINT64_MAX);
	folder_put(&f, "proc/meminfo", "MemTotal: 5 kB\n", 1);
	folder_put(&f, "proc/self/cgroup", "0::/a\nodd\n", 1);
	check(&f, UINT64_MAX);
}

TEST(machine)
{
	auto_folder f = folder_new();

	folder_put(&f, "proc/meminfo",
		   "MemTotal: 9000 kB\nMemAvailable:   1024 kB\nSwapFree: 2048 kB\n", 1);
	check(&f, 3 * MIB);
}

/* The least of all above counts; memory that only caches files does not. */
TEST(cgroup)
{
	auto_folder f = folder_new();

	folder_put(&f, "proc/self/cgroup", "0::/a/b\n", 1);
	folder_put(&f, "sys/fs/cgroup/a/b/memory.max", "max\n", 1);
	folder_put(&f, "sys/fs/cgroup/a/memory.max", "10485760\n", 1);
	folder_put(&f, "sys/fs/cgroup/a/memory.current", "4194304\n", 1);
	check(&f, 6 * MIB);
	folder_put(&f, "sys/fs/cgroup/a/memory.stat", "anon 5\ninactive_file 1048576\n", 1);
	check(&f, 7 * MIB);
	folder_put(&f, "sys/fs/cgroup/a/memory.current", "14194304\n", 1);
	check(&f, 0);
}

/* The older kind, in a container that sees only its own below the path of the host. */
TEST(cgroup_of_old)
{
	auto_folder f = folder_new();

	folder_put(&f, "proc/self/cgroup", "9:cpu:/x\n4:memory:/docker/0123\n0::/\n", 1);
	folder_put(&f, "sys/fs/cgroup/memory/memory.limit_in_bytes", "10485760\n", 1);
	folder_put(&f, "sys/fs/cgroup/memory/memory.usage_in_bytes", "4194304\n", 1);
	folder_put(&f, "sys/fs/cgroup/memory/memory.stat", "total_inactive_file 2097152\n", 1);
	check(&f, 8 * MIB);
}

TEST(here) { CHECK(memory_room() > 0); }
