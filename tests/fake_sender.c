/* SPDX-License-Identifier: MIT */
/* Who sends to a port, packet by packet in virtual time, and what the source policy makes of it. */
#include "fake_sender.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum {
	MS = 1000 * 1000,
};

struct tp_source fake_sender_source;
bool fake_sender_authenticated;

struct tp_address fake_sender_address(const char *text)
{
	struct tp_address address;

	assert_int_equal(tp_address_parse(&address, text), 0);
	return address;
}

bool fake_sender_is_answered(const char *text)
{
	struct tp_address to = tp_source_destination(&fake_sender_source),
			  wanted = fake_sender_address(text);

	return tp_address_equal(&to, &wanted);
}

void fake_sender_signal(int64_t ms, const char *remote)
{
	struct tp_address address = fake_sender_address(remote), none = {0};

	tp_source_signal(&fake_sender_source, ms * MS, &address, &none);
}

int fake_sender_begin(void **state)
{
	(void)state;
	tp_source_init(&fake_sender_source, false);
	fake_sender_authenticated = false;
	return 0;
}

struct fake_sender fake_sender(const char *from, uint32_t ssrc)
{
	return (struct fake_sender){.from = from,
				    .ssrc = ssrc,
				    .seq = (uint16_t)(ssrc * 1000),
				    .timestamp = ssrc * 77777,
				    .every_ms = 20,
				    .samples = 160};
}

enum tp_source_verdict fake_sender_packet(struct fake_sender *sender, int64_t ms)
{
	struct tp_sighting seen = {
		.from = fake_sender_address(sender->from),
		.ssrc = sender->ssrc,
		.timestamp = sender->timestamp,
		.clock_hz = 8000,
		.seq = sender->seq,
		.now_ns = ms * MS,
		.authenticated = fake_sender_authenticated,
	};

	sender->seq++;
	sender->timestamp += (uint32_t)sender->samples;
	if (!fake_sender_authenticated &&
	    !tp_source_open(&fake_sender_source, seen.now_ns, &seen.from))
		return TP_SOURCE_REFUSED;
	return tp_source_judge(&fake_sender_source, &seen);
}

void fake_sender_talk(struct fake_sender *a, struct fake_sender *b, int64_t begin_ms,
		      int64_t end_ms, int heard[2])
{
	struct fake_sender *both[2] = {a, b};

	memset(heard, 0, 2 * sizeof(*heard));
	for (int i = 0; i < 2; i++)
		if (both[i])
			both[i]->next_ms = begin_ms;
	for (int64_t ms = begin_ms; ms < end_ms; ms++)
		for (int i = 0; i < 2; i++)
			if (both[i] && both[i]->next_ms <= ms) {
				both[i]->next_ms += both[i]->every_ms;
				heard[i] += fake_sender_packet(both[i], ms) != TP_SOURCE_REFUSED;
			}
}
