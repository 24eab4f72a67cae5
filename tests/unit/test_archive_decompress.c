/* SPDX-License-Identifier: MIT */
#include "lib/archive/archive.h"

#include "lib/archive/compress_internal.h"
#include "lib/archive/decompress_internal.h"
#include "lib/base/memory.h"
#include "tests/unit/tap.h"

/* "hello, world\n" by gzip -n, and by zstd. */
static const unsigned char gzip_hello[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
					   0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xd7, 0x51, 0x28,
					   0xcf, 0x2f, 0xca, 0x49, 0xe1, 0x02, 0x00, 0x53, 0x74,
					   0x24, 0xf4, 0x0d, 0x00, 0x00, 0x00};
static const unsigned char zstd_hello[] = {0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x48, 0x69, 0x00, 0x00,
					   0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x2c, 0x20, 0x77, 0x6f,
					   0x72, 0x6c, 0x64, 0x0a, 0x4c, 0x1f, 0xf9, 0xf1};
static const unsigned char zstd_skippable[] = {0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3};

static void add_hello(struct text *t, enum compression c)
{
	if (c == COMPRESSION_GZIP)
		text_add_bytes(t, gzip_hello, sizeof(gzip_hello));
	else
		text_add_bytes(t, zstd_hello, sizeof(zstd_hello));
}

/* A source that gives one byte at a time: every boundary of the formats is met. */
static bool read_one(void *context, void *bytes, size_t size, size_t *got, struct error *err)
{
	return source_of_memory(context).read(context, bytes, size > 0, got, err);
}

struct reading {
	struct decompress_options options;
	bool is_slow;
	size_t step; /* bytes asked for in each read; 0: many */
};

static bool read_all(const struct text *packed, const struct reading *how, enum compression *kind,
		     struct text *out, struct error *err)
{
	struct memory m = {packed->bytes, packed->len};
	struct source in = how->is_slow ? (struct source){read_one, &m} : source_of_memory(&m);
	struct decompressor *d = NULL;
	char bytes[8192];
	size_t got = 0;
	bool done;

	if (!decompress_open_with(in, &how->options, &d, err))
		return false;
	struct source plain = decompress_source(d);

	do {
		size_t step = how->step ? how->step : sizeof(bytes);

		done = plain.read(plain.context, bytes, step, &got, err);
		if (done && out->len < 1 << 20)
			text_add_bytes(out, bytes, got);
	} while (done && got > 0);
	if (done) {
		CHECK(m.len == 0);
		CHECK(plain.read(plain.context, bytes, 1, &got, err) && got == 0);
	}
	*kind = decompress_kind(d);
	decompress_free(d);
	return done;
}

static const struct gzip_engine *engines[2];
static size_t n_engines;

__attribute__((constructor)) static void find_engines(void)
{
	engines[n_engines++] = gzip_engine_zlib();
	if (gzip_engine_isal())
		engines[n_engines++] = gzip_engine_isal();
}

static void check_plain(const struct text *packed, enum compression want_kind, const char *want)
{
	for (size_t i = 0; i < 4 * n_engines; i++) {
		const struct reading how = {{UINT64_MAX, 1, engines[i / 4]}, i & 1, i & 2 ? 1 : 0};
		auto_text got = {0};
		enum compression kind;
		struct error err;

		CHECK_OK(read_all(packed, &how, &kind, &got, &err), err);
		CHECK(kind == want_kind);
		CHECK_TEXT(text_str(&got), want);
	}
}

static void check_fails(const struct text *packed, const char *want)
{
	for (size_t i = 0; i < 2 * n_engines; i++) {
		const struct reading how = {{UINT64_MAX, 1, engines[i / 2]}, i & 1, 0};
		auto_text got = {0};
		enum compression kind;
		struct error err = {0};

		CHECK(!read_all(packed, &how, &kind, &got, &err));
		CHECK(err.code == ERROR_BUILD);
		CHECK_TEXT(err.message, want);
	}
}

TEST(plain)
{
	auto_text t = {0};

	check_plain(&t, COMPRESSION_NONE, "");
	text_add(&t, "hello");
	check_plain(&t, COMPRESSION_NONE, "hello");
}

TEST(one_after_the_other)
{
	for (enum compression c = COMPRESSION_GZIP; c <= COMPRESSION_ZSTD; c++) {
		auto_text t = {0};

		add_hello(&t, c);
		check_plain(&t, c, "hello, world\n");
		add_hello(&t, c);
		add_hello(&t, c);
		check_plain(&t, c, "hello, world\nhello, world\nhello, world\n");
	}
}

TEST(gzip_with_garbage_behind)
{
	static const char *const garbage[] = {"\n", "garbage", "\x1f", "\x1fgarbage"};

	for (size_t i = 0; i < array_len(garbage); i++) {
		auto_text t = {0};

		add_hello(&t, COMPRESSION_GZIP);
		text_add(&t, garbage[i]);
		check_plain(&t, COMPRESSION_GZIP, "hello, world\n");
	}
}

TEST(gzip_with_every_header_field)
{
	/* flags: extra, name, comment, header checksum */
	static const unsigned char head[] = {0x1f, 0x8b, 8,   0x1e, 1, 2,   3,   4, 0, 3, 2,
					     0,    'e',  'x', 'n',  0, 'c', 'o', 0, 0, 0};
	auto_text t = {0};
	const unsigned char *body = gzip_hello + 10;

	text_add_bytes(&t, head, sizeof(head));
	uint32_t crc = gzip_engine_zlib()->crc(0, head, sizeof(head) - 2);

	t.bytes[sizeof(head) - 2] = (char)crc;
	t.bytes[sizeof(head) - 1] = (char)(crc >> 8);
	text_add_bytes(&t, body, sizeof(gzip_hello) - 10);
	check_plain(&t, COMPRESSION_GZIP, "hello, world\n");
}

TEST(zstd_with_skippable_frames)
{
	auto_text t = {0};

	text_add_bytes(&t, zstd_skippable, sizeof(zstd_skippable));
	add_hello(&t, COMPRESSION_ZSTD);
	text_add_bytes(&t, zstd_skippable, sizeof(zstd_skippable));
	add_hello(&t, COMPRESSION_ZSTD);
	text_add_bytes(&t, zstd_skippable, sizeof(zstd_skippable));
	check_plain(&t, COMPRESSION_ZSTD, "hello, world\nhello, world\n");
}

TEST(cut_anywhere)
{
	for (enum compression c = COMPRESSION_GZIP; c <= COMPRESSION_ZSTD; c++) {
		auto_text t = {0};
		size_t magic = c == COMPRESSION_GZIP ? 2 : 4;

		add_hello(&t, c);
		for (t.len--; t.len >= magic; t.len--)
			check_fails(&t, c == COMPRESSION_GZIP ? "the gzip data ends too early"
							      : "the zstd data ends too early");
	}
}

TEST(damaged)
{
	auto_text checksum = {0};
	auto_text length = {0};
	auto_text block = {0};
	auto_text frame = {0};
	auto_text garbage = {0};

	add_hello(&checksum, COMPRESSION_GZIP);
	checksum.bytes[sizeof(gzip_hello) - 8] ^= 1;
	check_fails(&checksum, "damaged gzip data");
	add_hello(&length, COMPRESSION_GZIP);
	length.bytes[sizeof(gzip_hello) - 4] ^= 1;
	check_fails(&length, "damaged gzip data");
	add_hello(&block, COMPRESSION_GZIP);
	block.bytes[10] = 7; /* block type 3 does not exist */
	check_fails(&block, "damaged gzip data");
	add_hello(&frame, COMPRESSION_ZSTD);
	frame.bytes[sizeof(zstd_hello) - 1] ^= 1;
	check_fails(&frame, "damaged zstd data: Restored data doesn't match checksum");
	add_hello(&garbage, COMPRESSION_ZSTD);
	text_add(&garbage, "garbage");
	check_fails(&garbage, "damaged zstd data: Unknown frame descriptor");
}

TEST(a_window_over_128_mib)
{
	/* single segment off, window descriptor: exponent 17 (128 MiB) and 18 */
	unsigned char frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0, 17 << 3, 1, 0, 0};
	auto_text fits = {0};
	auto_text above = {0};

	text_add_bytes(&fits, frame, sizeof(frame));
	check_plain(&fits, COMPRESSION_ZSTD, "");
	frame[5]++; /* an eighth more */
	text_add_bytes(&above, frame, sizeof(frame));
	check_fails(&above, "damaged zstd data: Frame requires too much memory for decoding");
}

TEST(other_compressions)
{
	auto_text xz = {0};
	auto_text bzip2 = {0};

	text_add_bytes(&xz,
		       "\xfd"
		       "7zXZ\0more",
		       10);
	check_fails(&xz, "compression 'xz' is not supported");
	text_add(&bzip2, "BZh91AY&SYmore");
	check_fails(&bzip2, "compression 'bzip2' is not supported");
}

/* `n` zero bytes as the pipeline would compress them. */
static void add_zeros(struct text *t, enum compression c, size_t n)
{
	struct chunk_compressor *compressor = chunk_compressor_new(c, gzip_engine_zlib());
	auto_free unsigned char *zeros = xcalloc(1, n);
	auto_free unsigned char *out = xcalloc(1, chunk_bound(n));
	unsigned char trailer[GZIP_TRAILER_SIZE];
	size_t len;
	uint32_t crc;
	struct error err;

	CHECK_OK(chunk_compress(compressor, zeros, n, out, &len, &crc, &err), err);
	if (c == COMPRESSION_GZIP)
		text_add_bytes(t, gzip_header, sizeof(gzip_header));
	text_add_bytes(t, out, len);
	gzip_trailer(crc, n, trailer);
	if (c == COMPRESSION_GZIP)
		text_add_bytes(t, trailer, sizeof(trailer));
	chunk_compressor_free(compressor);
}

TEST(bombs)
{
	const size_t n = 10 << 20;

	for (enum compression c = COMPRESSION_GZIP; c <= COMPRESSION_ZSTD; c++) {
		auto_text t = {0};
		auto_text ignored = {0};
		enum compression kind;
		struct error err = {0};

		add_zeros(&t, c, n);
		uint64_t ratio = n / t.len;
		const struct reading fits = {{1000, ratio + 1, engines[0]}, false, 0};
		const struct reading above = {{1000, ratio, engines[0]}, false, 0};
		const struct reading is_free = {{n, 1, engines[0]}, false, 0};
		auto_free char *want = xprintf("unpacks to more than %llu times its size after %zu "
					       "bytes",
					       (unsigned long long)ratio, t.len);

		CHECK_OK(read_all(&t, &fits, &kind, &ignored, &err), err);
		CHECK_OK(read_all(&t, &is_free, &kind, &ignored, &err), err);
		CHECK(!read_all(&t, &above, &kind, &ignored, &err));
		CHECK_TEXT(err.message, want);
	}
}

TEST(names)
{
	enum compression c = COMPRESSION_NONE;
	struct error err = {0};

	for (enum compression i = COMPRESSION_NONE; i <= COMPRESSION_ZSTD; i++)
		CHECK(compression_parse(compression_name(i), &c, &err) && c == i);
	CHECK(!compression_parse("xz", &c, &err) && err.code == ERROR_USAGE);
	CHECK_TEXT(err.message, "unknown compression 'xz'");
	CHECK_TEXT(err.hint, "use none, gzip or zstd");
}
