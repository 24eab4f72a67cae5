/* SPDX-License-Identifier: MIT
 * Which CUDA an image brings, as far as its files and its config tell.
 */
#ifndef CHUTES_BUILD_IMAGE_CUDA_H
#define CHUTES_BUILD_IMAGE_CUDA_H

#include "lib/base/compiler.h"
#include "lib/oci/oci.h"

struct cuda_version {
	int major;
	int minor;
	char text[64];   /* as found: "12.4.1" */
	char place[256]; /* where: a path, or "NVIDIA_REQUIRE_CUDA" */
};
/* The first of: version.json of a toolkit, the text that nvcc prints, the runtime library or the
 * Python package that brings it, the environment of NVIDIA's images. */
bool image_cuda_find(int root_fd, const struct image_config *config, struct cuda_version *out);
/* Where image_cuda_find() looks, for a message. */
#define IMAGE_CUDA_PLACES                                                                          \
	"/usr/local/cuda*/version.json, nvcc, libcudart.so, nvidia_cuda_runtime of Python, "       \
	"NVIDIA_REQUIRE_CUDA, CUDA_VERSION"
/* A driver library that is part of the image and hides the machine's own; NULL: none. Caller frees.
 */
must_use char *image_cuda_driver(int root_fd);

#endif
