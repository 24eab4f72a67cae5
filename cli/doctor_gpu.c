/* SPDX-License-Identifier: MIT
 * chutes doctor: is there a GPU of NVIDIA's, does its driver work, and can a container have it?
 */
#include "cli/doctor.h"

#include "lib/base/io.h"
#include "lib/base/library.h"
#include "lib/base/memory.h"
#include "lib/base/path.h"
#include "lib/base/tree.h"

#include <fcntl.h>
#include <string.h>

enum { LINE_LIMIT = 4096 };

static bool read_line(const char *directory, const char *name, struct text *out)
{
	auto_free char *path = path_join(directory, name);
	struct error ignored; /* then it does not say */

	text_clear(out);
	if (!file_read(path, LINE_LIMIT, out, &ignored))
		return false;
	out->len = strcspn(text_str(out), "\n");
	if (out->bytes)
		out->bytes[out->len] = '\0';
	return true;
}

/* Graphics devices of NVIDIA's on the PCI bus: vendor 0x10de, class 0x03…. */
static size_t count_on_bus(void)
{
	static const char bus[] = "/sys/bus/pci/devices";
	auto_fd int fd = open(bus, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_strings names = {0};
	struct error ignored; /* no such bus */
	size_t n = 0;

	if (fd < 0 || !directory_list(fd, &names, &ignored))
		return 0;
	for (size_t i = 0; i < names.n; i++) {
		auto_free char *device = path_join(bus, names.items[i]);
		auto_text vendor = {0};
		auto_text class = {0};

		n += read_line(device, "vendor", &vendor) && read_line(device, "class", &class) &&
		     strcmp(text_str(&vendor), "0x10de") == 0 &&
		     text_starts_with(text_str(&class), "0x03");
	}
	return n;
}

/* /dev/nvidia0, not /dev/nvidiactl; a container may have only the fourth. */
static size_t count_nodes(void)
{
	auto_fd int fd = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_strings names = {0};
	struct error ignored; /* then there are none */
	size_t n = 0;

	if (fd < 0 || !directory_list(fd, &names, &ignored))
		return 0;
	for (size_t i = 0; i < names.n; i++) {
		const char *number = names.items[i] + strlen("nvidia");

		n += text_starts_with(names.items[i], "nvidia") && *number &&
		     !number[strspn(number, "0123456789")];
	}
	return n;
}

static void check_driver(struct doctor *d, struct report *r)
{
	static int (*init)(unsigned);
	static const struct library_function functions[] = {{"cuInit", &init}};
	auto_text version = {0};

	if (read_line("/proc/driver/nvidia", "version", &version)) {
		/* "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue …" */
		const char *digits = strstr(text_str(&version), "  ");

		if (digits) {
			digits += strspn(digits, " ");
			text_addf(&r->summary, ", driver %.*s", (int)strcspn(digits, " "), digits);
		}
	}
	if (!library_open("libcuda.so.1", functions, array_len(functions))) {
		struct finding *f =
			findings_add(&r->findings, "D171", "libcuda.so.1 cannot be used");

		finding_hint(f, "install the driver's library of the same version: on Debian "
				"apt-get install libcuda1");
		doctor_needs(d, "libcuda1");
	}
}

static void check_description(struct report *r)
{
	auto_cdi_edits edits = {0};
	struct error err;

	if (cdi_find(cdi_directories, "nvidia.com/gpu", "all", &edits, &err))
		text_add(&r->summary, ", described for containers");
	else
		report_error(r, "D172", &err);
}

void doctor_gpu(struct doctor *d, struct report *r)
{
	size_t n_nodes = count_nodes();
	size_t n_on_bus = n_nodes ? 0 : count_on_bus();

	if (n_nodes == 0 && n_on_bus == 0) {
		r->is_absent = true;
		text_add(&r->summary, "no NVIDIA GPU here; chutes for GPUs can be built, and "
				      "tried with 'chutes run --stub'");
		return;
	}
	if (n_nodes == 0) {
		struct finding *f = findings_add(
			&r->findings, "D171",
			"%zu GPU%s of NVIDIA, and no device of them in /dev: the driver is not "
			"loaded",
			n_on_bus, n_on_bus == 1 ? "" : "s");

		finding_hint(f, "install NVIDIA's driver, or run 'modprobe nvidia' as root");
		return;
	}
	text_addf(&r->summary, "%zu GPU%s", n_nodes, n_nodes == 1 ? "" : "s");
	check_driver(d, r);
	check_description(r);
}
