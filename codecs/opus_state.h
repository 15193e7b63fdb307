/* SPDX-License-Identifier: MIT */
/* What conformance tests see of the Opus codec beyond its ops. */
#ifndef TP_OPUS_STATE_H
#define TP_OPUS_STATE_H

#include <stdint.h>

/* State of the range coder after the last packet that a decoder of tp_opus decoded: equal to the
 * encoder's if every bit was understood (RFC 6716 6). [audio] */
uint32_t tp_opus_final_range(void *decoder);

#endif
