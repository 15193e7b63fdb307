/* SPDX-License-Identifier: MIT */
/* A codec at work in a session: its state, and the way between its rate and the bus's. */
#include "engine/format.h"
#include "codecs/registry.h"
#include "dsp/resample.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { /* of comfort noise: the rates that codecs have */
       CLOCK_MIN_HZ = 8000,
       CLOCK_MAX_HZ = 48000,
};

/* Options that the engine fills in where the application left them open. */
static struct tp_codec_config options_for(const struct tp_format *format, int rate_hz)
{
	struct tp_codec_config options = format->options;

	if (options.rate_hz == 0)
		options.rate_hz = rate_hz;
	return options;
}

static size_t align_up(size_t size)
{
	return (size + TP_CODEC_STATE_ALIGN - 1) / TP_CODEC_STATE_ALIGN * TP_CODEC_STATE_ALIGN;
}

static int coder_create(struct tp_coder **coder, const struct tp_codec_ops *ops,
			const struct tp_format *format, int rate_hz, bool encoder)
{
	struct tp_coder *fresh = calloc(1, sizeof(*fresh));
	int error = TP_ERR_MEMORY;

	if (!fresh)
		return tp_fail(TP_ERR_MEMORY, "no memory for a %s coder", ops->name);
	fresh->ops = ops;
	fresh->format = *format;
	fresh->options = options_for(format, rate_hz);
	error = ops->describe(&fresh->options, &fresh->shape);
	if (error < 0)
		goto fail;
	size_t size = tp_codec_state_size(ops, &fresh->options, encoder);
	if (size > 0) {
		fresh->state = aligned_alloc(TP_CODEC_STATE_ALIGN, align_up(size));
		if (!fresh->state) {
			error = tp_fail(TP_ERR_MEMORY, "no memory for a %s coder", ops->name);
			goto fail;
		}
	}
	error = tp_codec_state_init(ops, fresh->state, &fresh->options, encoder);
	if (error < 0)
		goto fail;
	if (fresh->shape.rate_hz != rate_hz) {
		error = TP_ERR_MEMORY;
		fresh->from_bus = tp_resample_create(rate_hz, fresh->shape.rate_hz);
		if (!encoder)
			fresh->to_bus = tp_resample_create(fresh->shape.rate_hz, rate_hz);
		if (!fresh->from_bus || (!encoder && !fresh->to_bus))
			goto fail;
	}
	*coder = fresh;
	return 0;
fail:
	tp_coder_destroy(fresh);
	return error;
}

int tp_encoder_create(struct tp_coder **coder, const struct tp_codec_ops *ops,
		      const struct tp_format *format, int rate_hz, int block_ms)
{
	struct tp_coder *fresh = NULL;
	int error;

	if (format->ptime_ms < block_ms || format->ptime_ms % block_ms != 0 ||
	    format->ptime_ms > TP_PTIME_MAX_MS)
		return tp_fail(TP_ERR_ARGUMENT,
			       "a packet time of %d ms is not a multiple of the %d ms block, up to "
			       "%d ms",
			       format->ptime_ms, block_ms, TP_PTIME_MAX_MS);
	error = coder_create(&fresh, ops, format, rate_hz, true);
	if (!fresh)
		return error;
	int n = fresh->shape.rate_hz / 1000 * format->ptime_ms;
	if (n % fresh->shape.frame_n != 0 || n > fresh->shape.packet_n) {
		tp_coder_destroy(fresh);
		return tp_fail(TP_ERR_ARGUMENT, "%s cannot put %d ms into a packet", ops->name,
			       format->ptime_ms);
	}
	*coder = fresh;
	return 0;
}

int tp_decoder_create(struct tp_coder **coder, const struct tp_codec_ops *ops,
		      const struct tp_format *format, int rate_hz)
{
	return coder_create(coder, ops, format, rate_hz, false);
}

void tp_coder_destroy(struct tp_coder *coder)
{
	if (!coder)
		return;
	tp_resample_destroy(coder->from_bus);
	tp_resample_destroy(coder->to_bus);
	free(coder->state);
	free(coder);
}

static int check_type(const char *codec, int pt)
{
	if (pt < 0 || pt > 127)
		return tp_fail(TP_ERR_ARGUMENT, "payload type %d of %s is not in 0..127", pt,
			       codec);
	if (pt >= 64 && pt <= 95)
		return tp_fail(TP_ERR_ARGUMENT,
			       "payload type %d of %s reads as RTCP on a shared port; use 0..63 or "
			       "96..127",
			       pt, codec);
	return 0;
}

/* The types beside the codec's own: 0 is none. */
static int check_extra(const struct tp_format *format, const char *name, int pt, int other_pt)
{
	int error = check_type(name, pt);

	if (error == 0 && pt != 0 && (pt == format->pt || pt == other_pt))
		error = tp_fail(TP_ERR_ARGUMENT, "payload type %d is to be sent with two meanings",
				pt);
	return error;
}

/* 0 is the usual one. */
static int check_clock(const char *name, int clock_hz)
{
	if (clock_hz == 0 || (clock_hz >= CLOCK_MIN_HZ && clock_hz <= CLOCK_MAX_HZ))
		return 0;
	return tp_fail(TP_ERR_ARGUMENT, "%s has a clock of %d Hz; %d to %d are possible", name,
		       clock_hz, CLOCK_MIN_HZ, CLOCK_MAX_HZ);
}

int tp_format_check(const struct tp_format *format)
{
	int error = 0;

	if (!memchr(format->codec, '\0', sizeof(format->codec)))
		return tp_fail(TP_ERR_ARGUMENT, "a codec's name has up to %d octets and an end",
			       (int)sizeof(format->codec) - 1);
	error = check_type(format->codec, format->pt);
	if (error == 0)
		error = check_clock("CN", tp_format_is_comfort(format) ? format->options.rate_hz
								       : format->cn_hz);
	if (error == 0)
		error = check_extra(format, "CN", format->cn_pt, format->red_pt);
	if (error == 0)
		error = check_extra(format, "red", format->red_pt, format->cn_pt);
	return error;
}

bool tp_format_is_comfort(const struct tp_format *format)
{
	return strcasecmp(format->codec, "CN") == 0;
}

bool tp_format_is_red(const struct tp_format *format)
{
	return strcasecmp(format->codec, "red") == 0;
}

bool tp_format_equal(const struct tp_format *a, const struct tp_format *b)
{
	return strcmp(a->codec, b->codec) == 0 && a->pt == b->pt && a->ptime_ms == b->ptime_ms &&
	       a->options.rate_hz == b->options.rate_hz &&
	       a->options.bit_rate == b->options.bit_rate &&
	       a->options.complexity == b->options.complexity &&
	       a->options.loss_percent == b->options.loss_percent &&
	       a->options.fec == b->options.fec && a->options.dtx == b->options.dtx &&
	       a->cn_pt == b->cn_pt && a->cn_hz == b->cn_hz && a->red_pt == b->red_pt;
}
