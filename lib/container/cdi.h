/* SPDX-License-Identifier: MIT
 * Devices as the Container Device Interface describes them (cncf-tags/container-device-interface,
 * versions 0.3 to 1.0): what a container gets so that a GPU works in it. Reads files only; knows
 * nothing of a vendor.
 */
#ifndef CHUTES_CONTAINER_CDI_H
#define CHUTES_CONTAINER_CDI_H

#include "lib/base/compiler.h"
#include "lib/base/error.h"
#include "lib/base/strings.h"

/* A file of the host in the container. */
struct cdi_mount {
	char *source;
	char *target;
	bool is_writable;
	bool is_device;
};
/* A program that the runtime starts; the names are those of the OCI runtime specification. */
struct cdi_hook {
	char *when; /* "createContainer" */
	char *path;
	struct strings args;
	struct strings env;
	int64_t timeout_s; /* 0: none */
};
struct cdi_edits {
	struct strings env; /* "NAME=value" */
	struct cdi_mount *mounts;
	size_t n_mounts;
	struct cdi_hook *hooks;
	size_t n_hooks;
	uint32_t *groups; /* supplementary ones of the process */
	size_t n_groups;
	size_t capacity[3];
};
void cdi_edits_release(struct cdi_edits *e);
#define auto_cdi_edits __attribute__((cleanup(cdi_edits_release))) struct cdi_edits

/* Where a machine has them; what stands in a later directory wins. */
extern const char *const cdi_directories[];

/* What the devices `wanted` ("all", "0,1") of `kind` ("nvidia.com/gpu") ask for, by the *.yaml and
 * *.json of `directories` (NULL-terminated). MISSING when nothing describes such devices; NOT_FOUND
 * for one that is not described, with those that are. */
must_use bool cdi_find(const char *const *directories, const char *kind, const char *wanted,
		       struct cdi_edits *out, struct error *err);

/* One search through several documents. */
struct cdi_search {
	const char *kind;
	struct strings wanted;
	struct strings names; /* of all devices of that kind */
	struct strings
		done; /* those whose edits are there; a later document does not add to them */
	struct cdi_edits edits;
};
/* Without its edits, which somebody may have taken. */
void cdi_search_release(struct cdi_search *s);
/* Go through one document. False, SPEC: it is none, or has something in it that is not known. */
must_use bool cdi_read(struct cdi_search *s, const char *text, size_t len, struct error *err);

#endif
