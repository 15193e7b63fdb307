/* SPDX-License-Identifier: MIT */
/* What a filter leaves of one band's echo, by how loud the echo is. */
#ifndef TP_RESIDUAL_LEAK_H
#define TP_RESIDUAL_LEAK_H

enum { TP_RESIDUAL_LEAK_LOUDNESSES = 5 };

/* Residual over prediction while nobody talks here, for frames from soft to loud: what a
 * loudspeaker distorts grows faster than what it is given. Caller-owned, one thread at a time. */
struct tp_residual_leak {
	float db[TP_RESIDUAL_LEAK_LOUDNESSES];
};

/* [any] */
void tp_residual_leak_init(struct tp_residual_leak *leak);

/* At a loudness of 0 .. TP_RESIDUAL_LEAK_LOUDNESSES - 1, in dB. [audio] */
float tp_residual_leak_get_db(const struct tp_residual_leak *leak, float loudness);

/* Learns that it is more or less than that. [audio] */
void tp_residual_leak_move(struct tp_residual_leak *leak, float loudness, float by_db);

#endif
