/* SPDX-License-Identifier: MIT */
/* Captures from anybody: every datagram given lies within the file. */
#include "cli/packetfile.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct tp_packetfile_packet packet;
	struct tp_packetfile *file;

	if (tp_packetfile_open_memory(&file, data, len))
		return 0;
	while (tp_packetfile_next(file, &packet) == 1)
		if (packet.data < data || packet.len > len || packet.data > data + len - packet.len)
			abort();
	tp_packetfile_close(file);
	return 0;
}
