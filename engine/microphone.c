/* SPDX-License-Identifier: MIT */
/* From the captured block to the bus, by the route that is in use; and the
 * talker's own voice in his ear. */
#include "engine/microphone.h"
#include "dsp/voice.h"
#include "engine/bus.h"

#include <string.h>

static void use(struct tp_microphone *microphone, struct tp_voice *voice, enum tp_route route)
{
	microphone->voice = voice;
	microphone->route = route;
	microphone->next = NULL;
	tp_gain_set(&microphone->sidetone, microphone->sidetone_centibel[route]);
	tp_gain_mute(&microphone->fade, false);
	atomic_store_explicit(&microphone->in_use, (int)route, memory_order_release);
}

void tp_microphone_init(struct tp_microphone *microphone, int rate_hz, struct tp_voice *voice,
			enum tp_route route, const struct tp_voice_config *config)
{
	microphone->config = *config;
	tp_voice_set(voice, config); /* it may have been built for an earlier call */
	tp_gain_init(&microphone->fade, rate_hz);
	tp_gain_init(&microphone->sidetone, rate_hz);
	for (int i = 0; i < TP_ROUTES; i++)
		microphone->sidetone_centibel[i] = TP_SIDETONE_OFF;
	use(microphone, voice, route);
	microphone->sidetone.now = 0;
}

void tp_microphone_change(struct tp_microphone *microphone, struct tp_voice *voice,
			  enum tp_route route)
{
	microphone->next = voice == microphone->voice ? NULL : voice;
	microphone->next_route = route;
	if (microphone->next)
		tp_voice_set(voice, &microphone->config);
	tp_gain_mute(&microphone->fade, microphone->next != NULL);
}

void tp_microphone_settle(struct tp_microphone *microphone)
{
	if (!microphone->next)
		return;
	use(microphone, microphone->next, microphone->next_route);
	microphone->fade.now = microphone->fade.target;
}

void tp_microphone_set(struct tp_microphone *microphone, const struct tp_voice_config *config)
{
	microphone->config = *config;
	tp_voice_set(microphone->voice, config);
	if (microphone->next)
		tp_voice_set(microphone->next, config);
}

/* Whatever was turned while another route was in use, a voice knows it before it hears it. */
static void process(const struct tp_microphone *microphone, struct tp_voice *voice,
		    const int16_t *captured, const int16_t *reference, int16_t *near)
{
	tp_voice_set_gain(voice, microphone->echo_db);
	tp_voice_process(voice, captured, reference, near);
}

void tp_microphone_hear(struct tp_microphone *microphone, const int16_t *captured,
			const int16_t *reference, int16_t *near, int n)
{
	int16_t first[TP_BUS_BLOCK_MAX];

	if (microphone->next && microphone->fade.now == 0)
		use(microphone, microphone->next, microphone->next_route);
	process(microphone, microphone->voice, captured, reference, near);
	tp_gain_apply(&microphone->fade, near, n);
	/* The other begins a block earlier, unheard: what its filters hold is then of this call. */
	if (microphone->next && microphone->fade.now == 0)
		process(microphone, microphone->next, captured, reference, first);
}

void tp_microphone_set_sidetone(struct tp_microphone *microphone, enum tp_route route, int centibel)
{
	microphone->sidetone_centibel[route] = centibel;
	if (route == microphone->route)
		tp_gain_set(&microphone->sidetone, centibel);
}

void tp_microphone_add_sidetone(struct tp_microphone *microphone, const int16_t *near, int16_t *ear,
				int n)
{
	int16_t own[TP_BUS_BLOCK_MAX];

	if (microphone->sidetone.now == 0 && microphone->sidetone.target == 0)
		return;
	memcpy(own, near, (size_t)n * sizeof(*own));
	tp_gain_apply(&microphone->sidetone, own, n);
	for (int i = 0; i < n; i++) {
		int sum = ear[i] + own[i];

		ear[i] = (int16_t)(sum > INT16_MAX ? INT16_MAX : sum < INT16_MIN ? INT16_MIN : sum);
	}
}
