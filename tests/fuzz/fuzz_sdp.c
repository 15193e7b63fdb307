/* SPDX-License-Identifier: MIT */
/* Descriptions from anybody: what is read can be written, and reads back as the same stream. */
#include "cli/sdp.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct tp_sdp first, second;
	char text[8192];
	int n;

	if (tp_sdp_read(&first, (const char *)data, len))
		return 0;
	n = tp_sdp_write(&first, text, sizeof(text));
	if (n < 0 || tp_sdp_read(&second, text, (size_t)n))
		abort();
	if (second.port != first.port || second.formats.n != first.formats.n ||
	    second.flow != first.flow || second.key.suite != first.key.suite ||
	    second.key.mki_len != first.key.mki_len ||
	    memcmp(second.key.key, first.key.key, sizeof(first.key.key)) != 0)
		abort();
	return 0;
}
