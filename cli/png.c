/* SPDX-License-Identifier: MIT */
/* Pictures of up to 256 colours as PNG (ISO/IEC 15948), for pages that
 * carry their pictures inside. */
#include "png.h"

#include "engine/octets.h"

#include <talkpath/error.h>

#include <stdlib.h>
#include <string.h>

enum {
	STORED_MAX = 65535, /* octets of a stored deflate block, RFC 1951 3.2.4 */
	CHUNK_FRAME = 12, /* length, type and check sum around a chunk's data */
	HEAD_DATA = 13,
};

static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

/* Each row begins with the number of its filter: 0, none. */
static size_t raw_size(int width, int height)
{
	return ((size_t)width + 1) * (size_t)height;
}

static size_t zlib_size(size_t raw)
{
	/* Head, blocks of five octets' head, check sum (RFC 1950). */
	return 2 + raw + 5 * ((raw + STORED_MAX - 1) / STORED_MAX) + 4;
}

size_t tp_png_size(int width, int height)
{
	return sizeof(signature) + (size_t)4 * CHUNK_FRAME + HEAD_DATA + TP_PNG_PALETTE +
	       zlib_size(raw_size(width, height));
}

/* ISO 3309, as PNG's annex D has it. */
static uint32_t crc32(const uint8_t *data, size_t len)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < len; i++) {
		crc ^= data[i];
		for (int k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* Puts the frame around `len` octets of data that stand at at + 8; returns behind it. */
static uint8_t *close_chunk(uint8_t *at, const char *type, size_t len)
{
	tp_octets_put32(at, (uint32_t)len);
	for (int i = 0; i < 4; i++)
		at[4 + i] = (uint8_t)type[i];
	tp_octets_put32(at + 8 + len, crc32(at + 4, len + 4));
	return at + len + CHUNK_FRAME;
}

/* The rows as one stream, cut into stored blocks on the fly. */
struct deflate {
	uint8_t *out;
	size_t left, block_left;
	uint32_t a, b; /* Adler-32, RFC 1950 8.2 */
};

static void put_octet(struct deflate *d, uint8_t octet)
{
	if (!d->block_left) {
		uint16_t n = (uint16_t)(d->left < STORED_MAX ? d->left : STORED_MAX);

		*d->out++ = d->left <= STORED_MAX; /* the last block */
		*d->out++ = (uint8_t)n;
		*d->out++ = (uint8_t)(n >> 8);
		*d->out++ = (uint8_t)~n;
		*d->out++ = (uint8_t)(~n >> 8);
		d->block_left = n;
	}
	*d->out++ = octet;
	d->block_left--;
	d->left--;
	d->a = (d->a + octet) % 65521;
	d->b = (d->b + d->a) % 65521;
}

static size_t put_rows(uint8_t *out, const uint8_t *pixels, int width, int height)
{
	struct deflate d = {.out = out + 2, .left = raw_size(width, height), .a = 1};

	out[0] = 0x78; /* deflate, window of 32 KiB */
	out[1] = 0x01; /* makes the head a multiple of 31 */
	for (int y = 0; y < height; y++) {
		put_octet(&d, 0);
		for (int x = 0; x < width; x++)
			put_octet(&d, pixels[y * width + x]);
	}
	tp_octets_put32(d.out, d.b << 16 | d.a);
	return (size_t)(d.out + 4 - out);
}

size_t tp_png_encode(uint8_t *png, const uint8_t *pixels, int width, int height,
		     const uint8_t palette[TP_PNG_PALETTE])
{
	/* 8 bits, palette, deflate, a filter for each row, not interlaced. */
	static const uint8_t format[] = {8, 3, 0, 0, 0};
	uint8_t *at = png;

	memcpy(at, signature, sizeof(signature));
	at += sizeof(signature);
	tp_octets_put32(at + 8, (uint32_t)width);
	tp_octets_put32(at + 12, (uint32_t)height);
	memcpy(at + 16, format, sizeof(format));
	at = close_chunk(at, "IHDR", HEAD_DATA);
	memcpy(at + 8, palette, TP_PNG_PALETTE);
	at = close_chunk(at, "PLTE", TP_PNG_PALETTE);
	at = close_chunk(at, "IDAT", put_rows(at + 8, pixels, width, height));
	at = close_chunk(at, "IEND", 0);
	return (size_t)(at - png);
}

static void print_base64(FILE *file, const uint8_t *data, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		uint32_t bits = (uint32_t)data[i] << 16;

		bits |= i + 1 < len ? (uint32_t)data[i + 1] << 8 : 0;
		bits |= i + 2 < len ? data[i + 2] : 0;
		putc(digits[bits >> 18], file);
		putc(digits[bits >> 12 & 63], file);
		putc(i + 1 < len ? digits[bits >> 6 & 63] : '=', file);
		putc(i + 2 < len ? digits[bits & 63] : '=', file);
	}
}

int tp_png_print(FILE *file, const uint8_t *pixels, int width, int height,
		 const uint8_t palette[TP_PNG_PALETTE])
{
	uint8_t *png = malloc(tp_png_size(width, height));

	if (!png)
		return tp_fail(TP_ERR_MEMORY, "no memory for a picture");
	fputs("data:image/png;base64,", file);
	print_base64(file, png, tp_png_encode(png, pixels, width, height, palette));
	free(png);
	return 0;
}
