/* SPDX-License-Identifier: MIT */
/* A file of captured packets, rtpdump, pcap or pcapng alike. */
#include "packetfile.h"

#include "frame.h"
#include "pcap.h"
#include "rtpdump.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	FILE_MAX = 1 << 30,
};

struct tp_packetfile {
	uint8_t *owned; /* NULL: the data are borrowed */
	bool is_rtpdump;
	struct tp_rtpdump rtpdump, rtpdump_start;
	struct tp_pcap pcap, pcap_start;
};

static int read_all(const char *path, uint8_t **data, size_t *len)
{
	FILE *file;
	struct stat status;
	long size;
	int error = TP_ERR_SYSTEM;

	*data = NULL;
	errno = 0;
	file = fopen(path, "rb");
	if (file && fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode)) {
		errno = EISDIR; /* to fseek() it is a file of endless length */
		goto fail;
	}
	if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0 ||
	    fseek(file, 0, SEEK_SET))
		goto fail;
	if (size == 0 || size > FILE_MAX) {
		error = TP_ERR_FORMAT;
		tp_fail(error, "%.150s is %s", path, size ? "longer than 1 GiB" : "empty");
		goto fail;
	}
	*data = malloc((size_t)size);
	if (!*data)
		goto fail;
	*len = fread(*data, 1, (size_t)size, file);
	if (ferror(file))
		goto fail;
	fclose(file);
	return 0;
fail:
	if (error == TP_ERR_SYSTEM)
		tp_fail(error, "cannot read %.150s: %s", path, strerror(errno ? errno : EIO));
	free(*data);
	if (file)
		fclose(file);
	return error;
}

int tp_packetfile_open_memory(struct tp_packetfile **out, const uint8_t *data, size_t len)
{
	struct tp_packetfile *file = calloc(1, sizeof(*file));
	int error;

	if (!file)
		return tp_fail(TP_ERR_MEMORY, "no memory for a packet file");
	file->is_rtpdump = tp_rtpdump_is(data, len);
	if (file->is_rtpdump)
		error = tp_rtpdump_open(&file->rtpdump, data, len);
	else
		error = tp_pcap_open(&file->pcap, data, len);
	file->rtpdump_start = file->rtpdump;
	file->pcap_start = file->pcap;
	if (error) {
		free(file);
		return error;
	}
	*out = file;
	return 0;
}

int tp_packetfile_open(struct tp_packetfile **file, const char *path)
{
	char why[128];
	uint8_t *data;
	size_t len;
	int error = read_all(path, &data, &len);

	if (error)
		return error;
	error = tp_packetfile_open_memory(file, data, len);
	if (error) {
		free(data);
		snprintf(why, sizeof(why), "%s", tp_error_detail());
		return tp_fail(error, "%.120s: %s", path, why);
	}
	(*file)->owned = data;
	return 0;
}

static int next_pcap(struct tp_packetfile *file, struct tp_packetfile_packet *packet)
{
	struct tp_pcap_frame frame;
	int got;

	while ((got = tp_pcap_next(&file->pcap, &frame)) == 1) {
		packet->stamp_ns = frame.stamp_ns;
		if (tp_frame_udp(packet, &frame))
			return 1;
	}
	return got;
}

int tp_packetfile_next(struct tp_packetfile *file, struct tp_packetfile_packet *packet)
{
	return file->is_rtpdump ? tp_rtpdump_next(&file->rtpdump, packet) : next_pcap(file, packet);
}

void tp_packetfile_rewind(struct tp_packetfile *file)
{
	file->rtpdump = file->rtpdump_start;
	file->pcap = file->pcap_start;
}

void tp_packetfile_close(struct tp_packetfile *file)
{
	if (!file)
		return;
	free(file->owned);
	free(file);
}
