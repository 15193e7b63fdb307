/* SPDX-License-Identifier: MIT */
/* Pictures of up to 256 colours as PNG (ISO/IEC 15948), for pages that
 * carry their pictures inside. */
#ifndef CLI_PNG_H
#define CLI_PNG_H

#include <talkpath/attributes.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	TP_PNG_PALETTE = 768, /* red, green and blue of each of 256 colours */
};

/* Octets that tp_png_encode() writes at most for a picture. */
size_t tp_png_size(int width, int height);

/* Writes a PNG of `width` * `height` palette indices, row by row from the top, uncompressed:
 * returns its octets. `png` has room for tp_png_size(). [any] */
size_t tp_png_encode(uint8_t *png, const uint8_t *pixels, int width, int height,
		     const uint8_t palette[TP_PNG_PALETTE]);

/* The same as a "data:" address. 0, or TP_ERR_MEMORY; what the file
 * refuses shows in ferror(). [any] */
TP_MUST_USE int tp_png_print(FILE *file, const uint8_t *pixels, int width, int height,
			     const uint8_t palette[TP_PNG_PALETTE]);

#endif
