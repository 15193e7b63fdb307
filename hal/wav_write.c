/* SPDX-License-Identifier: MIT */
/* Writes RIFF sound files of 16-bit PCM whose header is true at any moment. */
#include "wav.h"

#include <talkpath/error.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum {
	HEADER_LEN = 44,
	BATCH = 2048, /* samples turned into octets at a time */
};

static void put16(uint8_t *bytes, uint32_t value)
{
	bytes[0] = (uint8_t)value;
	bytes[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *bytes, uint32_t value)
{
	put16(bytes, value & 0xFFFF);
	put16(bytes + 2, value >> 16);
}

/* False, with errno, if the disk refused. */
static bool write_at(int fd, const uint8_t *bytes, size_t len, int64_t offset)
{
	while (len) {
		ssize_t done = pwrite(fd, bytes, len, (off_t)offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		bytes += done;
		len -= (size_t)done;
		offset += done;
	}
	return true;
}

static bool write_header(const struct tp_wav_writer *writer)
{
	uint8_t header[HEADER_LEN] = "RIFF....WAVEfmt ";
	uint32_t channels = (uint32_t)writer->channels, rate_hz = (uint32_t)writer->rate_hz;

	put32(header + 4, writer->data_len + HEADER_LEN - 8);
	put32(header + 16, 16); /* length of the format: */
	put16(header + 20, 1); /* PCM */
	put16(header + 22, channels);
	put32(header + 24, rate_hz);
	put32(header + 28, rate_hz * channels * 2);
	put16(header + 32, channels * 2);
	put16(header + 34, 16); /* bits */
	memcpy(header + 36, "data", 4);
	put32(header + 40, writer->data_len);
	return write_at(writer->fd, header, sizeof(header), 0);
}

int tp_wav_writer_open(struct tp_wav_writer *writer, const char *path, int rate_hz, int channels)
{
	*writer = (struct tp_wav_writer){.rate_hz = rate_hz, .channels = channels};
	writer->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (writer->fd >= 0 && write_header(writer))
		return 0;
	(void)tp_fail(TP_ERR_SYSTEM, "\"%s\" cannot be written: %s", path, strerror(errno));
	if (writer->fd >= 0)
		close(writer->fd);
	writer->fd = -1;
	return TP_ERR_SYSTEM;
}

int tp_wav_writer_write(struct tp_wav_writer *writer, const int16_t *frames, size_t n)
{
	uint8_t bytes[2 * BATCH];
	size_t left = n * (size_t)writer->channels;

	if (left > (UINT32_MAX - HEADER_LEN - writer->data_len) / 2)
		return tp_fail(TP_ERR_FULL, "the sound file is full: a WAV file ends at 4 GiB");
	while (left) {
		size_t batch = left < BATCH ? left : BATCH;

		for (size_t i = 0; i < batch; i++)
			put16(bytes + 2 * i, (uint16_t)frames[i]);
		if (!write_at(writer->fd, bytes, 2 * batch, HEADER_LEN + (int64_t)writer->data_len))
			goto fail;
		writer->data_len += (uint32_t)(2 * batch);
		frames += batch;
		left -= batch;
	}
	if (!write_header(writer))
		goto fail;
	return 0;

fail:
	return tp_fail(TP_ERR_SYSTEM, "the sound file cannot be written: %s", strerror(errno));
}

int tp_wav_writer_close(struct tp_wav_writer *writer)
{
	int failed = close(writer->fd);

	writer->fd = -1;
	return failed ? tp_fail(TP_ERR_SYSTEM, "the sound file cannot be closed: %s",
				strerror(errno))
		      : 0;
}
