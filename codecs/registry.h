/* SPDX-License-Identifier: MIT */
/* The built-in codecs, each at the end of its own file. */
#ifndef TP_CODECS_REGISTRY_H
#define TP_CODECS_REGISTRY_H

#include <talkpath/codec.h>

extern const struct tp_codec_ops tp_g711_pcmu;
extern const struct tp_codec_ops tp_g711_pcma;
extern const struct tp_codec_ops tp_g722;
extern const struct tp_codec_ops tp_l16;
extern const struct tp_codec_ops tp_opus;

#endif
