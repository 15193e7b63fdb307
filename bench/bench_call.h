/* SPDX-License-Identifier: MIT */
/* The call that is measured: two engines on cards of chirps, in virtual time over a pipe or in real
 * time over UDP on the loopback. */
#ifndef BENCH_BENCH_CALL_H
#define BENCH_BENCH_CALL_H

#include "chirp_device.h"
#include "pipe.h"

#include <talkpath/talkpath.h>

enum {
	TP_BENCH_PERIOD_1024 = 0, /* the card insists on 1024 frames at 48 kHz: 21.33 ms */
};

struct tp_bench_setting {
	const char *codec;
	int period_ms; /* or TP_BENCH_PERIOD_1024 */
	int ptime_ms;
	int jitter_ms; /* fixed; 0: adaptive */
	bool voice; /* echo cancellation */
	enum tp_srtp_suite suite;
	int threads; /* 0: virtual time, else real time over UDP */
	int phase_us; /* virtual: the called side's card starts so much later */
	bool talk; /* both talk, nothing is recorded or traced: for measuring cost */
};

enum tp_bench_side {
	TP_BENCH_CALLER, /* speaks */
	TP_BENCH_CALLED, /* is recorded */
};

struct tp_bench_call {
	struct tp_bench_setting setting;
	struct tp_pipe pipe;
	struct tp_engine *engine[2];
	struct tp_session *session[2];
	int64_t now_ns; /* virtual time ... */
	int step_us; /* ... and its steps: how late a wake-up may be at most */
	int16_t *ear; /* of the called; owned */
	struct tp_trace *traces[2]; /* owned */
	size_t traces_n[2], traces_cap[2];
};

/* Begins a call that may last up to max_ms. Whatever it returns,
 * tp_bench_call_end() takes it back. */
TP_MUST_USE int tp_bench_call_begin(struct tp_bench_call *call,
				    const struct tp_bench_setting *setting, int max_ms);

/* Lets the call go on; collects traces. */
TP_MUST_USE int tp_bench_call_run(struct tp_bench_call *call, int ms);

/* Ends the engines' work: the recording stands still and may be read. */
void tp_bench_call_stop(struct tp_bench_call *call);

/* Milliseconds that no stamp shows, because sound is later than the samples that
 * carry it: resamplers, codec look-ahead, voice processing; on the way from the
 * caller's microphone to the called. */
double tp_bench_call_fixed_ms(const struct tp_bench_call *call);

/* Time between wake-ups of a card with this setting. */
double tp_bench_period_ms(const struct tp_bench_setting *setting);

void tp_bench_call_end(struct tp_bench_call *call);

#endif
