/* SPDX-License-Identifier: MIT */
/* Fuzz target: RTCP compounds of any content; what is read and written again reads the same. */
#include "engine/reports.h"
#include "engine/rtcp.h"

#include <stdlib.h>
#include <string.h>

enum {
	CNAME_SENT_MAX = 63,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void demand(int fact)
{
	if (!fact)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t written[TP_RTCP_MAX];
	struct tp_rtcp first, second;
	struct tp_reports reports;
	size_t written_len;

	/* The stream that blocks are read about follows from the input, or few would match. */
	uint32_t own = len > 11 ? (uint32_t)data[8] << 24 | (uint32_t)data[9] << 16 |
					  (uint32_t)data[10] << 8 | data[11]
				: 0;

	if (tp_rtcp_parse(&first, data, len, own))
		return 0;
	tp_reports_init(&reports);
	tp_reports_heard(&reports, &first, (int64_t)first.sender.ntp >> 8, first.sender.packets);
	first.cname[CNAME_SENT_MAX] = '\0';
	written_len = tp_rtcp_write(written, &first);
	demand(written_len <= sizeof(written));
	demand(!tp_rtcp_parse(&second, written, written_len, own));
	demand(second.ssrc == first.ssrc);
	demand(second.has_block == (first.has_block && first.block.ssrc == own));
	demand(!first.has_block || !memcmp(&first.block, &second.block, sizeof(first.block)));
	demand(!strcmp(first.cname, second.cname));
	return 0;
}
