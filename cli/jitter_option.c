/* SPDX-License-Identifier: MIT */
/* The jitter buffer's settings as an option of a verb. */
#include "jitter_option.h"

#include <stdio.h>
#include <string.h>

void tp_jitter_option_init(struct tp_jitter_config *config)
{
	struct tp_session_config session;

	tp_session_config_init(&session);
	*config = session.jitter;
}

int tp_jitter_option_parse(struct tp_jitter_config *config, const char *value)
{
	int low = 0, high = 0, end = 0;

	tp_jitter_option_init(config);
	if (!strcmp(value, "adaptive"))
		return 0;
	if (sscanf(value, "fixed:%4d%n", &low, &end) == 1 && !value[end]) {
		*config = (struct tp_jitter_config){TP_JITTER_FIXED, low, low, low};
		high = low;
	} else if (sscanf(value, "adaptive:%4d-%4d%n", &low, &high, &end) == 2 && !value[end]) {
		config->min_ms = low;
		config->max_ms = high;
		config->nominal_ms = config->nominal_ms < low    ? low
				     : config->nominal_ms > high ? high
								 : config->nominal_ms;
	} else {
		low = -1;
	}
	if (low < 0 || low > high || high > 1000)
		return tp_fail(TP_ERR_ARGUMENT,
			       "--jitter wants " TP_JITTER_OPTION_VALUE
			       ", 0 to 1000 ms, not \"%.40s\"",
			       value);
	return 0;
}
