/* SPDX-License-Identifier: MIT */
/* rtpdump files from anybody: every packet given lies within the file. */
#include "cli/rtpdump.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct tp_packetfile_packet packet;
	struct tp_rtpdump dump;

	if (tp_rtpdump_open(&dump, data, len))
		return 0;
	while (tp_rtpdump_next(&dump, &packet) == 1)
		if (packet.data < data || packet.len > len || packet.data > data + len - packet.len)
			abort();
	return 0;
}
