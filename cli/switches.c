/* SPDX-License-Identifier: MIT */
/* The keys of a call that turn the engine's switches, and what the meter says of them. */
#include "switches.h"

#include <stddef.h>
#include <stdio.h>

static const struct {
	char key;
	const char *name;
	size_t offset; /* in struct tp_voice_config */
} table[] = {
	{'e', "AEC", offsetof(struct tp_voice_config, aec)},
	{'n', "NS", offsetof(struct tp_voice_config, ns)},
	{'g', "AGC", offsetof(struct tp_voice_config, agc)},
	{'v', "VAD", offsetof(struct tp_voice_config, vad)},
};
enum { TABLE_N = sizeof(table) / sizeof(table[0]) };

static const bool *is_on(const struct tp_switches *switches, int i)
{
	return (const bool *)((const char *)&switches->voice + table[i].offset);
}

void tp_switches_init(struct tp_switches *switches, struct tp_engine *engine,
		      const struct tp_engine_config *config)
{
	*switches = (struct tp_switches){
		.engine = engine, .voice = config->voice, .route = config->route};
}

static int done(int error)
{
	return error < 0 ? error : 1;
}

/* What the device has not is passed by; a call does not end for it. */
static int next_route(struct tp_switches *switches)
{
	int error = TP_ERR_UNSUPPORTED;

	for (int i = 1; i < TP_ROUTES && error == TP_ERR_UNSUPPORTED; i++) {
		enum tp_route next = (enum tp_route)(((int)switches->route + i) % TP_ROUTES);

		error = tp_engine_route(switches->engine, next);
		if (error >= 0)
			switches->route = next;
	}
	return error == TP_ERR_UNSUPPORTED ? 1 : done(error);
}

int tp_switches_key(struct tp_switches *switches, int key)
{
	if (key == 'm')
		return done(tp_engine_mute(switches->engine, switches->muted = !switches->muted));
	if (key == 'r')
		return next_route(switches);
	for (int i = 0; i < TABLE_N; i++)
		if (key == table[i].key) {
			bool *on = (bool *)((char *)&switches->voice + table[i].offset);

			*on = !*on;
			return done(tp_engine_voice(switches->engine, &switches->voice));
		}
	return 0;
}

const char *tp_switches_text(const struct tp_switches *switches, char text[TP_SWITCHES_TEXT])
{
	const char *between = ", ";
	int len = snprintf(text, TP_SWITCHES_TEXT, "%s%s", switches->muted ? "muted, " : "",
			   tp_route_name(switches->route));

	for (int i = 0; i < TABLE_N; i++)
		if (*is_on(switches, i)) {
			len += snprintf(text + len, (size_t)(TP_SWITCHES_TEXT - len), "%s%s",
					between, table[i].name);
			between = " ";
		}
	return text;
}
