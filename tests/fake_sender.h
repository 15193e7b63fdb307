/* SPDX-License-Identifier: MIT */
/* Who sends to a port, packet by packet in virtual time, and what the source policy makes of it. */
#ifndef TP_TESTS_FAKE_SENDER_H
#define TP_TESTS_FAKE_SENDER_H

#include "engine/source.h"

/* One who sends PCMU. */
struct fake_sender {
	const char *from;
	uint32_t ssrc;
	uint16_t seq;
	uint32_t timestamp;
	int every_ms, samples;
	int64_t next_ms;
};

/* The policy that judges, and whether packets authenticate. */
extern struct tp_source fake_sender_source;
extern bool fake_sender_authenticated;

/* The policy as it begins, for plain RTP; a fixture of cmocka. */
int fake_sender_begin(void **state);

/* An address as people write it, which must be one. */
struct tp_address fake_sender_address(const char *text);

/* Signalling gives the peer's address; ":0" for none. */
void fake_sender_signal(int64_t ms, const char *remote);

/* Whether we send there. */
bool fake_sender_is_answered(const char *address);

struct fake_sender fake_sender(const char *from, uint32_t ssrc);

/* The sender's next packet comes. */
enum tp_source_verdict fake_sender_packet(struct fake_sender *sender, int64_t ms);

/* Both (or one and NULL) talk from begin_ms to end_ms; how many packets of each were heard. */
void fake_sender_talk(struct fake_sender *a, struct fake_sender *b, int64_t begin_ms,
		      int64_t end_ms, int heard[2]);

#endif
