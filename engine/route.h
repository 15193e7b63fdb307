/* SPDX-License-Identifier: MIT */
/* Handset, headset, hands-free: each keeps what its canceller learnt, and the device follows. */
#ifndef TP_ENGINE_ROUTE_H
#define TP_ENGINE_ROUTE_H

struct tp_engine;

/* Builds what the first route needs, at the bus's rate. [control] */
int tp_route_open(struct tp_engine *engine);

/* A new call: the device is told the route, and the sound of the last call is forgotten. [control],
 * the loops stopped */
int tp_route_begin(struct tp_engine *engine);

/* The newest route is the one in use, without a fade. [control], the loops stopped */
void tp_route_settle(struct tp_engine *engine);

/* Frees what all routes learnt. [control], the loops stopped */
void tp_route_close(struct tp_engine *engine);

#endif
