/* SPDX-License-Identifier: MIT */
/* The built-in codecs, each at the end of its own file. */
#ifndef TP_CODECS_REGISTRY_H
#define TP_CODECS_REGISTRY_H

#include <talkpath/codec.h>

#include <stdbool.h>

extern const struct tp_codec_ops tp_g711_pcmu;
extern const struct tp_codec_ops tp_g711_pcma;
extern const struct tp_codec_ops tp_g722;
extern const struct tp_codec_ops tp_l16;
extern const struct tp_codec_ops tp_opus;

/* Octets of state that its encoder or decoder needs; 0: none. [control] */
size_t tp_codec_state_size(const struct tp_codec_ops *codec, const struct tp_codec_config *config,
			   bool encoder);

/* Begins a state of that size (NULL if it is 0): 0, or what the codec says. [control] */
TP_MUST_USE int tp_codec_state_init(const struct tp_codec_ops *codec, void *state,
				    const struct tp_codec_config *config, bool encoder);

#endif
