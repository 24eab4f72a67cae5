/* SPDX-License-Identifier: MIT */
#include "lib/archive/archive.h"

#include "lib/archive/compress_internal.h"
#include "lib/archive/pipeline_internal.h"
#include "lib/base/memory.h"
#include "tests/unit/tap.h"

/* Half words, half noise, from one fixed seed: compressible, but not trivially. */
static void fill(unsigned char *bytes, size_t len)
{
	uint64_t state = 88172645463325252ULL;

	for (size_t i = 0; i < len; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		bytes[i] = i / 4096 % 2 ? (unsigned char)(state >> 32)
					: (unsigned char)("etaoin shrdlu"[state % 13]);
	}
}

struct run {
	enum compression compression;
	unsigned n_threads;
	size_t write_size;
	bool is_zlib;
};

static bool run(const struct run *how, const void *bytes, size_t len, struct text *blob,
		struct pipeline_result *result, struct error *err)
{
	const struct pipeline_options options = {how->compression, how->n_threads,
						 sink_of_text(blob)};
	const unsigned char *from = bytes;
	struct pipeline *p = pipeline_new(&options);

	struct sink in = pipeline_sink(p);
	bool done = true;

	for (size_t at = 0; done && at < len; at += how->write_size) {
		size_t n = len - at < how->write_size ? len - at : how->write_size;

		done = in.write(in.context, from + at, n, err);
	}
	done = done && pipeline_finish(p, result, err);
	pipeline_free(p);
	return done;
}

static void check_unpacks(const struct text *blob, const void *want, size_t len)
{
	struct memory m = {blob->bytes, blob->len};
	auto_free unsigned char *got = xcalloc(1, len + 1);
	struct decompressor *d = NULL;
	size_t total = 0;
	size_t n;
	struct error err;

	CHECK_OK(decompress_open(source_of_memory(&m), &d, &err), err);
	struct source plain = decompress_source(d);

	do {
		if (!plain.read(plain.context, got + total, len + 1 - total, &n, &err)) {
			CHECK(!"unpacks");
			printf("# %s\n", err.message);
			break;
		}
		total += n;
	} while (n > 0 && total <= len);
	decompress_free(d);
	CHECK(total == len && memcmp(got, want, len) == 0);
}

static void check_digests(const struct pipeline_result *r, const struct text *blob,
			  const void *plain, size_t len)
{
	unsigned char want[SHA256_BYTES];

	sha256_of(plain, len, want);
	CHECK(memcmp(want, r->plain_sha256, sizeof(want)) == 0);
	sha256_of(blob->bytes, blob->len, want);
	CHECK(memcmp(want, r->blob_sha256, sizeof(want)) == 0);
	CHECK(r->plain_bytes == len && r->blob_bytes == blob->len);
}

TEST(sizes_around_chunks)
{
	static const size_t sizes[] = {
		0, 1, PIPELINE_CHUNK - 1, PIPELINE_CHUNK, PIPELINE_CHUNK + 1, 3 * PIPELINE_CHUNK};
	auto_free unsigned char *bytes = xcalloc(1, 3 * PIPELINE_CHUNK);

	fill(bytes, 3 * PIPELINE_CHUNK);
	for (size_t i = 0; i < array_len(sizes); i++)
		for (enum compression c = COMPRESSION_NONE; c <= COMPRESSION_ZSTD; c++) {
			const struct run how = {c, 2, 1 << 20};
			struct pipeline_result result;
			auto_text blob = {0};
			struct error err;

			CHECK_OK(run(&how, bytes, sizes[i], &blob, &result, &err), err);
			check_digests(&result, &blob, bytes, sizes[i]);
			check_unpacks(&blob, bytes, sizes[i]);
		}
}

TEST(output_is_independent_of_threads)
{
	static const unsigned n_threads[] = {1, 2, 3, 5};
	const size_t len = 9 * PIPELINE_CHUNK + 12345;
	auto_free unsigned char *bytes = xcalloc(1, len);

	fill(bytes, len);
	for (enum compression c = COMPRESSION_NONE; c <= COMPRESSION_ZSTD; c++) {
		struct pipeline_result first;

		for (size_t i = 0; i < array_len(n_threads); i++) {
			const struct run how = {c, n_threads[i], 1000 + 77777 * i};
			struct pipeline_result result;
			auto_text blob = {0};
			struct error err;

			CHECK_OK(run(&how, bytes, len, &blob, &result, &err), err);
			check_digests(&result, &blob, bytes, len);
			if (i == 0) {
				check_unpacks(&blob, bytes, len);
				first = result;
			}
			CHECK(memcmp(&first, &result, sizeof(first)) == 0);
		}
	}
}

/* These digests are part of the image format: a library that changes them makes other images of the
 * same files, which is a new format. */
TEST(pinned_digests)
{
	static const struct {
		enum compression compression;
		const char *hex;
	} pins[] = {
		{COMPRESSION_NONE,
		 "3135a89190831a5ec9c706fee7fc3077bab05bd38c6a375a576e6500b0a3d009"},
		{COMPRESSION_ZSTD,
		 "0b6a3abb49720a024d509076ef8217952be6577f06b8a3af030b9a6d5d637cee"},
		{COMPRESSION_GZIP,
		 "08e0219eaa394fddbfd9c4624f90e052f5ea31849fd602a9538408ce9b3e638c"},
	};
	const size_t len = 2 * PIPELINE_CHUNK + 1;
	auto_free unsigned char *bytes = xcalloc(1, len);

	fill(bytes, len);
	for (size_t i = 0; i < array_len(pins); i++) {
		const struct run how = {pins[i].compression, 2, 1 << 20};
		struct pipeline_result result;
		char hex[SHA256_HEX_SIZE];
		auto_text blob = {0};
		struct error err;

		if (how.compression == COMPRESSION_GZIP && !gzip_engine_isal())
			continue;
		CHECK_OK(run(&how, bytes, len, &blob, &result, &err), err);
		sha256_hex(result.blob_sha256, hex);
		CHECK_TEXT(hex, pins[i].hex);
	}
}

TEST(the_gzip_frame)
{
	static const unsigned char head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff};
	/* no data: an empty last block, CRC 0, length 0 */
	static const unsigned char tail[] = {3, 0, 0, 0, 0, 0, 0, 0, 0, 0};
	const struct run how = {COMPRESSION_GZIP, 1, 1};
	struct pipeline_result result;
	auto_text blob = {0};
	struct error err;

	CHECK_OK(run(&how, "", 0, &blob, &result, &err), err);
	CHECK_OR_STOP(blob.len == sizeof(head) + sizeof(tail));
	CHECK(memcmp(blob.bytes, head, sizeof(head)) == 0);
	CHECK(memcmp(blob.bytes + sizeof(head), tail, sizeof(tail)) == 0);
}

/* Both libraries keep within the bound for bytes that do not compress at all. */
TEST(noise_fits)
{
	const struct gzip_engine *engines[] = {gzip_engine_zlib(), gzip_engine_best()};
	auto_free unsigned char *bytes = xcalloc(1, PIPELINE_CHUNK);
	auto_free unsigned char *out = xcalloc(1, chunk_bound(PIPELINE_CHUNK));
	static const size_t sizes[] = {1, 100, 65535, PIPELINE_CHUNK};
	uint64_t state = 1;
	struct error err;

	for (size_t i = 0; i < PIPELINE_CHUNK; i++) {
		state = state * 6364136223846793005ULL + 1442695040888963407ULL;
		bytes[i] = (unsigned char)(state >> 56);
	}
	for (size_t i = 0; i < 2 * array_len(sizes); i++)
		for (enum compression c = COMPRESSION_GZIP; c <= COMPRESSION_ZSTD; c++) {
			struct chunk_compressor *compressor =
				chunk_compressor_new(c, engines[i % 2]);
			size_t len;
			uint32_t crc;

			CHECK_OK(chunk_compress(compressor, bytes, sizes[i / 2], out, &len, &crc,
						&err),
				 err);
			chunk_compressor_free(compressor);
		}
}

/* zlib in place of ISA-L: its chunks fit into the same frame. */
TEST(chunks_of_zlib)
{
	const size_t len = PIPELINE_CHUNK;
	struct chunk_compressor *c = chunk_compressor_new(COMPRESSION_GZIP, gzip_engine_zlib());
	auto_free unsigned char *bytes = xcalloc(2, len);
	auto_free unsigned char *out = xcalloc(1, chunk_bound(len));
	unsigned char trailer[GZIP_TRAILER_SIZE];
	auto_text blob = {0};
	uint32_t crc = 0;
	struct error err;

	fill(bytes, 2 * len);
	text_add_bytes(&blob, gzip_header, sizeof(gzip_header));
	for (size_t i = 0; i < 2; i++) {
		size_t out_len;
		uint32_t next;

		CHECK_OK(chunk_compress(c, bytes + i * len, len, out, &out_len, &next, &err), err);
		text_add_bytes(&blob, out, out_len);
		crc = gzip_crc_combine(crc, next, len);
	}
	gzip_trailer(crc, 2 * len, trailer);
	text_add_bytes(&blob, trailer, sizeof(trailer));
	check_unpacks(&blob, bytes, 2 * len);
	chunk_compressor_free(c);
}

/* What fits into one chunk is done by the caller, with the same failures. */
TEST(a_failing_sink_without_threads)
{
	const unsigned char bytes[100] = {1, 2, 3};

	for (enum compression c = COMPRESSION_NONE; c <= COMPRESSION_ZSTD; c++) {
		const struct run how = {c, 3, sizeof(bytes)};
		struct pipeline_result result;
		auto_text blob = {.max = 1};
		struct error err = {0};

		CHECK(!run(&how, bytes, sizeof(bytes), &blob, &result, &err));
		CHECK_TEXT(err.message, "more than the limit of 1 bytes");
	}
}

/* The sink fails early, late, or at the trailer: reported by a write or by finish, never a hang. */
TEST(a_failing_sink)
{
	static const size_t limits[] = {1, 10, PIPELINE_CHUNK, 4 * PIPELINE_CHUNK};
	const size_t len = 12 * PIPELINE_CHUNK;
	auto_free unsigned char *bytes = xcalloc(1, len);

	fill(bytes, len);
	for (size_t i = 0; i < array_len(limits); i++)
		for (enum compression c = COMPRESSION_NONE; c <= COMPRESSION_ZSTD; c++) {
			const struct run how = {c, 3, 1 << 20};
			struct pipeline_result result;
			auto_text blob = {.max = limits[i]};
			auto_free char *want =
				xprintf("more than the limit of %zu bytes", limits[i]);
			struct error err = {0};

			CHECK(!run(&how, bytes, len, &blob, &result, &err));
			CHECK_TEXT(err.message, want);
		}
}

TEST(stopped_half_way)
{
	const size_t len = 9 * PIPELINE_CHUNK + 5;
	auto_free unsigned char *bytes = xcalloc(1, len);

	for (size_t i = 0; i < 30; i++) {
		auto_text blob = {0};
		const struct pipeline_options options = {(enum compression)(i % 3), 1 + i % 4,
							 sink_of_text(&blob)};
		struct pipeline *p = pipeline_new(&options);
		struct error err;

		struct sink in = pipeline_sink(p);

		CHECK_OK(in.write(in.context, bytes, len / 29 * i, &err), err);
		pipeline_free(p);
	}
	pipeline_free(NULL);
}
