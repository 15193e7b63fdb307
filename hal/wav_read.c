/* SPDX-License-Identifier: MIT */
/* Reads RIFF sound files of 16-bit PCM, and says what is wrong with those that it cannot. */
#include "wav.h"

#include <talkpath/error.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	RIFF_HEADER = 12, /* "RIFF", length, "WAVE" */
	CHUNK_HEADER = 8,
	FMT_PLAIN = 16,
	FMT_EXTENSIBLE = 40, /* with the GUID whose first two octets are the true format */
	TAG_PCM = 1,
	TAG_EXTENSIBLE = 0xFFFE,
	FIRST_READ = 1 << 16,
};

static uint16_t le16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint32_t le32(const uint8_t *bytes)
{
	return le16(bytes) | (uint32_t)le16(bytes + 2) << 16;
}

/* Any length in the RIFF header is taken: writers that died, or wrote to a pipe, leave 0 or ~0. */
static int check_riff(const uint8_t *bytes, size_t len, const char *name)
{
	if (!len)
		return tp_fail(TP_ERR_FORMAT, "\"%s\" is empty; a WAV file is wanted", name);
	if (memcmp(bytes, "RIFF", len < 4 ? len : 4) != 0 ||
	    (len >= RIFF_HEADER && memcmp(bytes + 8, "WAVE", 4) != 0))
		return tp_fail(TP_ERR_FORMAT,
			       "\"%s\" is not a WAV file; convert it with "
			       "ffmpeg -i IN -c:a pcm_s16le OUT.wav",
			       name);
	if (len < RIFF_HEADER)
		return tp_fail(TP_ERR_FORMAT, "\"%s\" is cut off within its header", name);
	return 0;
}

static const char *tag_name(uint16_t tag)
{
	switch (tag) {
	case TAG_PCM:
		return "PCM";
	case 2:
		return "Microsoft ADPCM";
	case 3:
		return "floating-point";
	case 6:
		return "A-law";
	case 7:
		return "mu-law";
	case 0x11:
		return "IMA ADPCM";
	case 0x31:
		return "GSM 06.10";
	case 0x50:
	case 0x55:
		return "MPEG";
	default:
		return "compressed or unknown";
	}
}

static int parse_format(const uint8_t *fmt, size_t len, const char *name, struct tp_wav *wav)
{
	uint16_t tag, bits;
	uint32_t rate_hz;

	if (len < FMT_PLAIN)
		return tp_fail(TP_ERR_FORMAT, "\"%s\" is cut off within its header", name);
	tag = le16(fmt);
	bits = le16(fmt + 14);
	rate_hz = le32(fmt + 4);
	if (tag == TAG_EXTENSIBLE && len >= FMT_EXTENSIBLE)
		tag = le16(fmt + 24);
	if (tag != TAG_PCM || bits != 16)
		return tp_fail(TP_ERR_FORMAT,
			       "\"%s\" holds %u-bit %s sound (format 0x%04x), 16-bit PCM is "
			       "wanted; convert it with ffmpeg -i IN -c:a pcm_s16le OUT.wav",
			       name, bits, tag_name(tag), tag);
	wav->channels = le16(fmt + 2);
	if (wav->channels < 1 || wav->channels > TP_WAV_CHANNELS_MAX)
		return tp_fail(TP_ERR_FORMAT, "\"%s\" has %d channels; 1 to %d are wanted", name,
			       wav->channels, TP_WAV_CHANNELS_MAX);
	if (!rate_hz || rate_hz > TP_WAV_RATE_MAX)
		return tp_fail(TP_ERR_FORMAT, "\"%s\" has a rate of %u Hz; 1 to %d are wanted",
			       name, rate_hz, TP_WAV_RATE_MAX);
	wav->rate_hz = (int)rate_hz;
	return 0;
}

/* Walks the chunks up to the data; each is padded to an even length. */
static int find_data(const uint8_t *bytes, size_t len, const char *name, struct tp_wav *wav,
		     size_t *data, size_t *data_len)
{
	for (size_t at = RIFF_HEADER; len - at >= CHUNK_HEADER;) {
		const uint8_t *chunk = bytes + at;
		size_t left = len - at - CHUNK_HEADER;
		uint32_t said = le32(chunk + 4);
		size_t chunk_len = said < left ? said : left;
		int error;

		if (!memcmp(chunk, "data", 4)) {
			*data = at + CHUNK_HEADER;
			*data_len = chunk_len;
			if (wav->channels)
				return 0;
			return tp_fail(TP_ERR_FORMAT, "\"%s\" has no format before its data", name);
		}
		if (!memcmp(chunk, "fmt ", 4)) {
			error = parse_format(chunk + CHUNK_HEADER, chunk_len, name, wav);
			if (error)
				return error;
		}
		if (said >= left)
			break;
		at += CHUNK_HEADER + chunk_len + (chunk_len & 1);
		if (at > len)
			break;
	}
	return tp_fail(TP_ERR_FORMAT, "\"%s\" is cut off before its sound", name);
}

int tp_wav_parse(uint8_t *bytes, size_t len, const char *name, struct tp_wav *wav)
{
	size_t data = 0, data_len = 0;
	int error = check_riff(bytes, len, name);

	*wav = (struct tp_wav){0};
	if (!error)
		error = find_data(bytes, len, name, wav, &data, &data_len);
	if (error)
		goto fail;
	wav->frames = (int64_t)(data_len / 2 / (size_t)wav->channels);
	if (!wav->frames) {
		error = tp_fail(TP_ERR_FORMAT, "\"%s\" holds no sound: its data is empty", name);
		goto fail;
	}
	/* The samples take the place of the octets, so that a long file is in memory once. */
	memmove(bytes, bytes + data, data_len);
	wav->samples = (void *)bytes;
	for (int64_t i = 0; i < wav->frames * wav->channels; i++)
		wav->samples[i] = (int16_t)le16(bytes + 2 * i);
	return 0;

fail:
	free(bytes);
	*wav = (struct tp_wav){0};
	return error;
}

/* Doubles the buffer until the end of the file; `file` may be a pipe. What does not begin like a
 * WAV file is not read on: it may be a device without end. */
static int read_all(FILE *file, const char *path, uint8_t **bytes, size_t *len)
{
	size_t cap = FIRST_READ;
	uint8_t *grown;
	int error;

	*bytes = malloc(cap);
	if (!*bytes)
		return tp_fail(TP_ERR_MEMORY, "\"%s\": no memory to read it", path);
	*len = fread(*bytes, 1, cap, file);
	error = ferror(file) ? 0 : check_riff(*bytes, *len, path);
	while (!error && *len == cap) {
		grown = cap <= UINT32_MAX ? realloc(*bytes, 2 * cap) : NULL;
		if (!grown)
			return tp_fail(TP_ERR_MEMORY, "\"%s\" is too long to be read at once",
				       path);
		*bytes = grown;
		*len += fread(*bytes + cap, 1, cap, file);
		cap *= 2;
	}
	if (!error && ferror(file))
		error = tp_fail(TP_ERR_SYSTEM, "\"%s\" cannot be read: %s", path, strerror(errno));
	return error;
}

int tp_wav_read(const char *path, struct tp_wav *wav)
{
	FILE *file = fopen(path, "rbe");
	uint8_t *bytes = NULL;
	size_t len = 0;
	int error;

	*wav = (struct tp_wav){0};
	if (!file)
		return tp_fail(TP_ERR_SYSTEM, "\"%s\" cannot be opened: %s", path, strerror(errno));
	error = read_all(file, path, &bytes, &len);
	fclose(file);
	if (error) {
		free(bytes);
		return error;
	}
	return tp_wav_parse(bytes, len, path, wav);
}

void tp_wav_free(struct tp_wav *wav)
{
	free(wav->samples);
	*wav = (struct tp_wav){0};
}

void tp_wav_mono(struct tp_wav *wav)
{
	for (int64_t i = 0; wav->channels > 1 && i < wav->frames; i++)
		wav->samples[i] = wav->samples[i * wav->channels];
	wav->channels = 1;
}
