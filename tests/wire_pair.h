/* SPDX-License-Identifier: MIT */
/* Two wire sides, a and b, over a network in virtual time: the fixture of the tests of the wire. */
#ifndef WIRE_PAIR_H
#define WIRE_PAIR_H

#include "wire_phone.h"

enum {
	MS = 1000 * 1000,
	SSRC_A = 0x1aaa0001,
	SSRC_B = 0x1bbb0002,
};

#define ADDRESS_A "10.0.0.1:4000"
#define ADDRESS_B "10.0.0.2:4000"
#define STRANGER  "203.0.113.5:9000"

extern struct fake_network *net;
extern struct wire_phone a, b;

/* Opens both on a new network; of cmocka's form. The second has RTP and RTCP on one port. */
int wire_pair_begin(void **state);
int wire_pair_begin_mux(void **state);
int wire_pair_end(void **state);

/* Each learns where the other is. */
void wire_pair_connect(void);

#endif
