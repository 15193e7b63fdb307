/* SPDX-License-Identifier: MIT */
/* A call between two engines in virtual time: fake devices, a fake network, both stepped by hand. */
#ifndef STEPPED_CALL_H
#define STEPPED_CALL_H

#include "fake_device.h"
#include "fake_network.h"

#include <talkpath/talkpath.h>

enum {
	CALLER,
	CALLED,
	CALL_EARS_MAX = 48000 * 60, /* samples that an ear remembers */
};

/* fake_device[CALLER] and fake_device[CALLED] are the devices; what the test sets in them before
 * stepped_call_begin() counts. Everything that fails here fails the test. */
struct stepped_call {
	struct tp_engine_config engine_config; /* of both; begin fills in seed and device */
	struct tp_session_config session_config; /* of both; begin fills in the remote address */

	const char *device_name[2]; /* NULL: fake_device 0 and 1 */
	const char *plugin; /* a codec that both load; NULL: none */

	struct fake_network *net;
	struct tp_engine *engine[2];
	struct tp_session *session[2];
	int16_t *ear[2];
	int64_t now_ns;
	int step_us; /* of virtual time between two turns */
};

extern const char *const stepped_call_address[2];

/* Defaults, to be changed before begin: 8 kHz bus, PCMU, no echo cancellation, 5 ms steps. */
void stepped_call_init(struct stepped_call *call);
void stepped_call_begin(struct stepped_call *call);
void stepped_call_run_ms(struct stepped_call *call, int ms);
void stepped_call_end(struct stepped_call *call);

/* A change of one side's session; starts from what it was begun with. */
void stepped_call_configure(struct stepped_call *call, int side,
			    const struct tp_session_config *config);

struct tp_session_stats stepped_call_stats(struct stepped_call *call, int side);

/* Puts a codec into both directions of a session config. */
void stepped_call_codec(struct tp_session_config *config, const char *codec, int pt, int ptime_ms);

/* Speech-like sound: voiced syllables of moving pitch with pauses between, by seed. */
void stepped_call_speak(int16_t *pcm, int n, int rate_hz, uint32_t seed);

/* The delay in samples at which `heard` is most like `said`, searched from 0 to most_n; *likeness gets
 * the normalised correlation. */
int stepped_call_delay(const int16_t *said, const int16_t *heard, int n, int most_n,
		       double *likeness);

#endif
