/* SPDX-License-Identifier: MIT
 * A tree to measure with: `gen DIRECTORY FILES BYTES SEED`. Files lie in pXX/dNNN/, a hundred each.
 * Sizes spread over four orders of magnitude and sum up to about BYTES; contents are random bytes
 * (35 %), words (35 %) and binary records, so that they compress as an image's files do; times are
 * fixed. The same arguments give the same tree.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_PER_DIRECTORY = 100, DIRECTORIES_PER_PART = 100, PIECE = 1 << 16 };

static uint64_t state;

static uint64_t next_random(void)
{
	state += 0x9e3779b97f4a7c15u; /* splitmix64 */
	uint64_t z = state;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint64_t raw_size(void)
{
	uint64_t r = next_random();

	return (64 + r % 64) << (r >> 8) % 13;
}

static void fill_words(char *p, size_t len)
{
	static const char *const words[] = {
		"the ",   "return ", "value ", "import ", "self.",  "def ",   "chute ", "image ",
		"layer ", "(x)\n",   "\tif ",  "0x00 ",   "error ", "while ", "and ",   "string "};

	for (size_t n = 0; n < len;) {
		const char *word = words[next_random() % 16];
		size_t word_len = strlen(word) < len - n ? strlen(word) : len - n;

		memcpy(p + n, word, word_len);
		n += word_len;
	}
}

static void fill_random(char *p, size_t len)
{
	for (size_t n = 0; n < len; n += 8) {
		uint64_t r = next_random();

		memcpy(p + n, &r, len - n < 8 ? len - n : 8);
	}
}

/* Sixteen bytes each: a counter, a small number, zeros. */
static void fill_records(char *p, size_t len)
{
	for (size_t n = 0; n < len; n += 16) {
		uint32_t record[4] = {(uint32_t)(n / 16), (uint32_t)(next_random() % 1000), 0,
				      (uint32_t)next_random()};

		memcpy(p + n, record, len - n < 16 ? len - n : 16);
	}
}

static int write_file(const char *path, uint64_t size)
{
	static char piece[PIECE];
	static const struct timespec times[2] = {{.tv_sec = 1700000000}, {.tv_sec = 1700000000}};
	unsigned kind = (unsigned)(next_random() % 100);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return -1;
	while (size > 0) {
		size_t len = size < PIECE ? (size_t)size : PIECE;

		if (kind < 35)
			fill_random(piece, len);
		else if (kind < 70)
			fill_words(piece, len);
		else
			fill_records(piece, len);
		if (write(fd, piece, len) != (ssize_t)len)
			return -1;
		size -= len;
	}
	return futimens(fd, times) < 0 ? -1 : close(fd);
}

static int make_tree(const char *root, uint64_t n_files, double scale)
{
	char path[4096];

	for (uint64_t i = 0; i < n_files; i++) {
		uint64_t directory = i / FILES_PER_DIRECTORY;
		int len = snprintf(path, sizeof(path), "%s/p%02u", root,
				   (unsigned)(directory / DIRECTORIES_PER_PART));

		if (i % FILES_PER_DIRECTORY == 0) {
			mkdir(path, 0755);
			snprintf(path + len, sizeof(path) - (size_t)len, "/d%03u",
				 (unsigned)(directory % 1000));
			mkdir(path, 0755);
		}
		snprintf(path + len, sizeof(path) - (size_t)len, "/d%03u/f%05u",
			 (unsigned)(directory % 1000), (unsigned)i);
		if (write_file(path, (uint64_t)((double)raw_size() * scale)) < 0)
			return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 5)
		return 2;
	uint64_t n_files = strtoull(argv[2], NULL, 10);
	uint64_t seed = strtoull(argv[4], NULL, 10);
	double sum = 0;

	state = seed;
	for (uint64_t i = 0; i < n_files; i++)
		sum += (double)raw_size();
	state = seed;
	if ((mkdir(argv[1], 0755) < 0 && access(argv[1], W_OK) < 0) ||
	    make_tree(argv[1], n_files, (double)strtoull(argv[3], NULL, 10) / sum) < 0) {
		perror(argv[1]);
		return 1;
	}
	return 0;
}
