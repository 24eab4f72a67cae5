/* SPDX-License-Identifier: MIT
 * What a layer costs and what its parts cost alone:
 *   pipeline sha256 FILE             the digest of the plain bytes, one thread
 *   pipeline alone gzip|zstd FILE    compression of the same chunks, one thread
 *   pipeline blob METHOD FILE        the pipeline, METHOD is none, gzip or zstd
 *   pipeline layer METHOD DIRECTORY  the walk and the pipeline
 */
#include "lib/archive/compress_internal.h"
#include "lib/archive/pipeline_internal.h"

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/build/layer.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static bool forget(maybe_unused void *context, maybe_unused const void *bytes,
		   maybe_unused size_t len, maybe_unused struct error *err)
{
	return true;
}

static bool map_file(const char *path, struct memory *out, struct error *err)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail_errno(err, "opening '%s'", path);
	out->len = (size_t)st.st_size;
	out->bytes = mmap(NULL, out->len, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	return out->bytes != MAP_FAILED || fail_errno(err, "mapping '%s'", path);
}

static bool run_sha256(const char *path, struct error *err)
{
	auto_sha256 struct sha256 *hash = sha256_new();
	unsigned char digest[SHA256_BYTES];
	struct memory m;

	if (!map_file(path, &m, err))
		return false;
	sha256_update(hash, m.bytes, m.len);
	sha256_finish(hash, digest);
	return true;
}

static bool run_alone(enum compression method, const char *path, struct error *err)
{
	struct chunk_compressor *c = chunk_compressor_new(method, gzip_engine_best());
	auto_free unsigned char *out = xcalloc(1, chunk_bound(PIPELINE_CHUNK));
	struct memory m = {0};
	bool done = map_file(path, &m, err);

	for (size_t at = 0; done && at < m.len; at += PIPELINE_CHUNK) {
		size_t len = m.len - at < PIPELINE_CHUNK ? m.len - at : PIPELINE_CHUNK;
		size_t out_len;
		uint32_t crc;

		done = chunk_compress(c, (const char *)m.bytes + at, len, out, &out_len, &crc, err);
	}
	chunk_compressor_free(c);
	return done;
}

static bool run_pipeline(enum compression method, const char *path, bool is_layer,
			 struct error *err)
{
	const struct pipeline_options options = {.compression = method, .out = {forget, NULL}};
	const struct layer_pack_options pack = {.upper = path};
	struct pipeline_result result;
	struct layer_stats stats;
	auto_strings notes = {0};
	struct pipeline *p = pipeline_new(&options);
	struct memory m;

	struct sink in = pipeline_sink(p);
	bool done = is_layer ? layer_pack(&pack, in, &stats, &notes, err)
			     : map_file(path, &m, err) && in.write(in.context, m.bytes, m.len, err);

	done = done && pipeline_finish(p, &result, err);
	pipeline_free(p);
	return done;
}

int main(int argc, char **argv)
{
	enum compression method = COMPRESSION_NONE;
	struct error err = {0};
	bool done = false;

	if (argc == 3 && strcmp(argv[1], "sha256") == 0)
		done = run_sha256(argv[2], &err);
	else if (argc == 4 && compression_parse(argv[2], &method, &err))
		done = strcmp(argv[1], "alone") == 0
			       ? run_alone(method, argv[3], &err)
			       : run_pipeline(method, argv[3], strcmp(argv[1], "layer") == 0, &err);
	else
		fail(&err, ERROR_USAGE, "usage: see the head of pipeline.c");
	if (!done)
		fprintf(stderr, "%s\n", err.message);
	return !done;
}
