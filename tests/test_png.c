/* SPDX-License-Identifier: MIT */
/* PNG by its own rules: chunks, check sums and pixels come out as they went in. */
#include "cli/png.h"

#include "engine/octets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The CRC of ISO 3309 by long division, bit by bit: another way than the encoder's. */
static uint32_t divide(const uint8_t *data, size_t len)
{
	uint32_t rest = 0xffffffff, reversed = 0;

	for (size_t i = 0; i < len; i++)
		for (int bit = 0; bit < 8; bit++) {
			bool top = rest >> 31 ^ (data[i] >> bit & 1);

			rest = rest << 1 ^ (top ? 0x04c11db7 : 0);
		}
	for (int bit = 0; bit < 32; bit++)
		reversed |= (rest >> bit & 1) << (31 - bit);
	return ~reversed;
}

/* The data of the next chunk, which must be of this type; *at moves behind it. */
static const uint8_t *chunk(const uint8_t **at, const char *type, size_t *len)
{
	const uint8_t *data = *at + 8;

	*len = tp_octets_get32(*at);
	assert_memory_equal(*at + 4, type, 4);
	assert_int_equal(tp_octets_get32(data + *len), divide(*at + 4, *len + 4));
	*at = data + *len + 4;
	return data;
}

/* Stored deflate blocks in a zlib stream (RFC 1950, 1951), inflated; returns the octets. */
static size_t inflate(uint8_t *out, const uint8_t *data, size_t len)
{
	size_t at = 2, n = 0;
	uint32_t a = 1, b = 0;
	bool last;

	assert_int_equal(data[0], 0x78);
	assert_int_equal((data[0] << 8 | data[1]) % 31, 0);
	do {
		size_t block = (size_t)(data[at + 1] | data[at + 2] << 8);

		last = data[at] == 1;
		assert_true(last || data[at] == 0);
		assert_int_equal(block ^ (size_t)(data[at + 3] | data[at + 4] << 8), 0xffff);
		memcpy(out + n, data + at + 5, block);
		n += block;
		at += 5 + block;
	} while (!last);
	for (size_t i = 0; i < n; i++) {
		a = (a + out[i]) % 65521;
		b = (b + a) % 65521;
	}
	assert_int_equal(tp_octets_get32(data + at), b << 16 | a);
	assert_int_equal(at + 4, len);
	return n;
}

static void a_picture_comes_out_as_it_went_in(void **state)
{
	/* The last but one is a row more than a stored block holds, the last two blocks and one. */
	static const int sizes[][2] = {{1, 1},     {7, 3},     {65534, 1},
				       {65535, 1}, {255, 512}, {1000, 132}};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		int width = sizes[i][0], height = sizes[i][1];
		size_t pixels_n = (size_t)width * (size_t)height, len;
		uint8_t *pixels = malloc(pixels_n), *png = malloc(tp_png_size(width, height));
		uint8_t *rows = malloc(pixels_n + (size_t)height), palette[TP_PNG_PALETTE];
		const uint8_t *at = png + 8, *data;

		for (size_t k = 0; k < pixels_n; k++)
			pixels[k] = (uint8_t)(k * 7 + k / 251);
		for (size_t k = 0; k < sizeof(palette); k++)
			palette[k] = (uint8_t)k;
		len = tp_png_encode(png, pixels, width, height, palette);
		assert_true(len <= tp_png_size(width, height));
		data = chunk(&at, "IHDR", &len);
		assert_int_equal(tp_octets_get32(data), width);
		assert_int_equal(tp_octets_get32(data + 4), height);
		data = chunk(&at, "PLTE", &len);
		assert_memory_equal(data, palette, sizeof(palette));
		data = chunk(&at, "IDAT", &len);
		assert_int_equal(inflate(rows, data, len), pixels_n + (size_t)height);
		for (size_t y = 0; y < (size_t)height; y++) {
			size_t row = y * ((size_t)width + 1);

			assert_int_equal(rows[row], 0);
			assert_memory_equal(rows + row + 1, pixels + y * (size_t)width,
					    (size_t)width);
		}
		chunk(&at, "IEND", &len);
		assert_int_equal(len, 0);
		free(pixels);
		free(png);
		free(rows);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_picture_comes_out_as_it_went_in),
	};

	return cmocka_run_group_tests_name("png", tests, NULL, NULL);
}
