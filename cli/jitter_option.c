/* SPDX-License-Identifier: MIT */
/* The jitter buffer's settings as an option of a verb. */
#include "jitter_option.h"

#include <stdlib.h>
#include <string.h>

void tp_jitter_option_init(struct tp_jitter_config *config)
{
	struct tp_session_config session;

	tp_session_config_init(&session);
	*config = session.jitter;
}

/* Reads up to four digits and moves *text behind them; -1 if there are none. */
static int read_ms(const char **text)
{
	size_t n = strspn(*text, "0123456789");
	int ms = -1;

	if (n >= 1 && n <= 4)
		ms = (int)strtol(*text, NULL, 10);
	*text += n;
	return ms;
}

int tp_jitter_option_parse(struct tp_jitter_config *config, const char *value)
{
	const char *text = value;
	int low = -1, high = -1;

	tp_jitter_option_init(config);
	if (!strcmp(value, "adaptive"))
		return 0;
	if (!strncmp(value, "fixed:", 6)) {
		text += 6;
		low = high = read_ms(&text);
		*config = (struct tp_jitter_config){TP_JITTER_FIXED, low, low, low};
	} else if (!strncmp(value, "adaptive:", 9)) {
		text += 9;
		low = read_ms(&text);
		if (*text == '-') {
			text++;
			high = read_ms(&text);
		}
		config->min_ms = low;
		config->max_ms = high;
		if (config->nominal_ms < low)
			config->nominal_ms = low;
		if (config->nominal_ms > high)
			config->nominal_ms = high;
	}
	if (low < 0 || low > high || high > 1000 || *text)
		return tp_fail(TP_ERR_ARGUMENT,
			       "--jitter wants " TP_JITTER_OPTION_VALUE
			       ", 0 to 1000 ms, not \"%.40s\"",
			       value);
	return 0;
}
