/* SPDX-License-Identifier: MIT */
/* The codecs verb: what is built in, and under which payload types it is received. */
#include "command.h"
#include "formats.h"

#include <stdio.h>

static void print_types(const char *codec)
{
	struct tp_formats formats;
	int n = 0;

	tp_formats_init(&formats);
	for (int i = 0; i < formats.n; i++)
		if (tp_formats_codec(formats.format[i].codec) == tp_formats_codec(codec))
			printf("%s%d", n++ ? ", " : "", formats.format[i].pt);
}

static void print_shape(const struct tp_codec_ops *codec)
{
	struct tp_codec_config config = {0};
	struct tp_codec_shape shape;

	if (codec->describe(&config, &shape))
		return;
	printf("         %g kHz sound, RTP clock %d, packets of %g to %g ms, look-ahead %g ms; "
	       "payload types ",
	       shape.rate_hz / 1e3, shape.clock_hz, shape.frame_n * 1e3 / shape.rate_hz,
	       shape.packet_n * 1e3 / shape.rate_hz, shape.lookahead_n * 1e3 / shape.rate_hz);
	print_types(codec->name);
	putchar('\n');
}

static int run(const struct tp_command *command, int argc, char **argv)
{
	const struct tp_codec_ops *codec;
	int words = tp_command_parse(command, NULL, argc, argv);

	if (words < 0)
		return tp_command_fail(command, words);
	for (int i = 0; (codec = tp_codec_builtin(i)); i++) {
		printf("%-8s %s\n", codec->name, codec->about);
		print_shape(codec);
	}
	return TP_EXIT_OK;
}

static const struct tp_option options[] = {{.name = NULL}};

const struct tp_command tp_command_codecs = {
	.name = "codecs",
	.args = "",
	.about = "lists the built-in codecs",
	.more = "",
	.options = options,
	.run = run,
};
