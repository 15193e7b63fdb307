/* SPDX-License-Identifier: MIT */
/* Two wire sides, a and b, over a network in virtual time: the fixture of the tests of the wire. */
#include "wire_pair.h"

struct fake_network *net;
struct wire_phone a, b;

static int begin(bool mux)
{
	net = fake_network_create(1);
	wire_phone_open(&a, net, ADDRESS_A, mux, SSRC_A);
	wire_phone_open(&b, net, ADDRESS_B, mux, SSRC_B);
	return 0;
}

int wire_pair_begin(void **state)
{
	(void)state;
	return begin(false);
}

int wire_pair_begin_mux(void **state)
{
	(void)state;
	return begin(true);
}

int wire_pair_end(void **state)
{
	(void)state;
	wire_phone_close(&a);
	wire_phone_close(&b);
	fake_network_destroy(net);
	return 0;
}

void wire_pair_connect(void)
{
	wire_phone_connect(&a, ADDRESS_A, &b, ADDRESS_B, 0);
}
