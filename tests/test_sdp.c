/* SPDX-License-Identifier: MIT */
/* Descriptions: what other programs write is read, what we write
 * reads back, nonsense is refused. */
#include "cli/sdp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int read_text(struct tp_sdp *sdp, const char *text)
{
	return tp_sdp_read(sdp, text, strlen(text));
}

#define HEAD "v=0\r\no=- 0 0 IN IP4 192.0.2.1\r\ns=t\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"

static void assert_format(const struct tp_sdp *sdp, int i, const char *codec, int pt)
{
	assert_true(i < sdp->formats.n);
	assert_string_equal(sdp->formats.format[i].codec, codec);
	assert_int_equal(sdp->formats.format[i].pt, pt);
}

static void a_plain_offer_is_read(void **state)
{
	struct tp_sdp sdp;

	(void)state;
	assert_int_equal(read_text(&sdp,
				   HEAD "m=audio 5004 RTP/AVP 107 9 0 8 101\r\n"
					"a=rtpmap:107 opus/48000/2\r\n"
					"a=fmtp:107 useinbandfec=1;maxaveragebitrate=24000\r\n"
					"a=rtpmap:9 G722/8000\r\n"
					"a=rtpmap:101 telephone-event/8000\r\n"
					"a=ptime:30\r\na=sendonly\r\na=rtcp-mux\r\n"
					"a=rtcp:5104 IN IP4 192.0.2.9\r\n"),
			 0);
	assert_string_equal(sdp.host, "192.0.2.1");
	assert_int_equal(sdp.port, 5004);
	assert_int_equal(sdp.formats.n, 4);
	assert_format(&sdp, 0, "opus", 107);
	assert_true(sdp.formats.format[0].options.fec);
	assert_int_equal(sdp.formats.format[0].options.bit_rate, 24000);
	assert_format(&sdp, 1, "G722", 9);
	assert_format(&sdp, 2, "PCMU", 0); /* static types need no rtpmap */
	assert_format(&sdp, 3, "PCMA", 8);
	assert_int_equal(sdp.ptime_ms, 30);
	assert_int_equal(sdp.flow, TP_SENDONLY);
	assert_true(sdp.rtcp_mux);
	assert_int_equal(sdp.rtcp_port, 5104);
	assert_string_equal(sdp.rtcp_host, "192.0.2.9");
	assert_false(sdp.secure);
}

static void the_order_of_attributes_is_free(void **state)
{
	struct tp_sdp sdp;

	(void)state;
	assert_int_equal(read_text(&sdp, HEAD "a=recvonly\n"
					      "m=audio 5004 RTP/AVP 96\n"
					      "a=fmtp:96 usedtx=1\n"
					      "c=IN IP6 2001:db8::7\n"
					      "a=rtpmap:96 OPUS/48000/2\n"),
			 0);
	assert_string_equal(sdp.host, "2001:db8::7");
	assert_int_equal(sdp.flow, TP_RECVONLY);
	assert_format(&sdp, 0, "opus", 96);
	assert_true(sdp.formats.format[0].options.dtx);
}

static void only_the_first_audio_stream_counts(void **state)
{
	struct tp_sdp sdp;

	(void)state;
	assert_int_equal(read_text(&sdp, HEAD "m=video 6000 RTP/AVP 97\r\na=rtpmap:97 VP8/90000\r\n"
					      "m=audio 5004 RTP/AVP 0\r\na=ptime:20\r\n"
					      "m=audio 7000 RTP/AVP 8\r\na=ptime:40\r\n"),
			 0);
	assert_int_equal(sdp.port, 5004);
	assert_int_equal(sdp.ptime_ms, 20);
	assert_int_equal(sdp.formats.n, 1);
	assert_format(&sdp, 0, "PCMU", 0);
}

static void rates_and_channels_that_we_do_not_have_are_not_taken(void **state)
{
	struct tp_sdp sdp;

	(void)state;
	assert_int_equal(read_text(&sdp, HEAD "m=audio 5004 RTP/AVP 96 97 98 99 0 9\r\n"
					      "a=rtpmap:96 L16/44100\r\n"
					      "a=rtpmap:97 L16/48000/2\r\n"
					      "a=rtpmap:98 L16/48000\r\n"
					      "a=rtpmap:99 opus/16000\r\n"
					      "a=rtpmap:0 speex/8000\r\n"
					      "a=rtpmap:9 G722/8000/1\r\n"),
			 0);
	assert_int_equal(sdp.formats.n, 2);
	assert_format(&sdp, 0, "L16", 98);
	assert_int_equal(sdp.formats.format[0].options.rate_hz, 48000);
	assert_format(&sdp, 1, "G722", 9);
}

#define KEY30 "aSBrbm93IGFsbCB5b3VyIGxpdHRsZSBzZWNyZXRz"
#define SAVP  HEAD "m=audio 5004 RTP/SAVP 0\r\n"

static void the_first_crypto_line_that_we_can_do_is_taken(void **state)
{
	struct tp_sdp sdp;

	(void)state;
	assert_int_equal(
		read_text(&sdp, SAVP
			  "a=crypto:1 F8_128_HMAC_SHA1_80 inline:" KEY30 "\r\n"
			  "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:tooshort\r\n"
			  "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 " UNENCRYPTED_SRTP\r\n"
			  "a=crypto:4 AES_CM_128_HMAC_SHA1_32 inline:" KEY30 "|2^20|1:4 -EXTRA\r\n"
			  "a=crypto:5 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "\r\n"),
		0);
	assert_true(sdp.secure);
	assert_int_equal(sdp.key.suite, TP_SRTP_AES_CM_128_HMAC_SHA1_32);
	assert_memory_equal(sdp.key.key, "i know all your little secrets", 30);
	assert_int_equal(sdp.key.mki_len, 4);
}

static void a_key_without_padding_is_read(void **state)
{
	struct tp_sdp sdp;

	(void)state;
	/* 44 octets are 59 letters and one "=" that some leave out. */
	assert_int_equal(
		read_text(&sdp,
			  SAVP "a=crypto:1 AEAD_AES_256_GCM inline:"
			       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n"),
		0);
	assert_int_equal(sdp.key.suite, TP_SRTP_AEAD_AES_256_GCM);
}

static void what_cannot_be_used_is_refused_with_a_sentence(void **state)
{
	static const struct {
		const char *text;
		int error;
	} cases[] = {
		{"", TP_ERR_FORMAT},
		{"hello", TP_ERR_FORMAT},
		{HEAD, TP_ERR_FORMAT},
		{HEAD "m=video 5004 RTP/AVP 0\r\n", TP_ERR_FORMAT},
		{"v=0\r\nm=audio 5004 RTP/AVP 0\r\n", TP_ERR_FORMAT},
		{HEAD "m=audio abc RTP/AVP 0\r\n", TP_ERR_FORMAT},
		{HEAD "m=audio 70000 RTP/AVP 0\r\n", TP_ERR_FORMAT},
		{HEAD "m=audio 5004 RTP/AVP 3 18\r\n", TP_ERR_UNSUPPORTED},
		{HEAD "m=audio 5004 RTP/AVP\r\n", TP_ERR_UNSUPPORTED},
		{SAVP, TP_ERR_UNSUPPORTED},
		{SAVP "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:####\r\n", TP_ERR_UNSUPPORTED},
	};
	struct tp_sdp sdp;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(read_text(&sdp, cases[i].text), cases[i].error);
		assert_true(*tp_error_detail());
		assert_int_equal(sdp.key.suite, TP_SRTP_NONE);
	}
}

/* Every cut of a good description is read or refused, and never read beyond. */
static void every_cut_is_survived(void **state)
{
	static const char text[] = SAVP "a=rtpmap:0 PCMU/8000\r\na=fmtp:0 a=b;c\r\n"
					"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "\r\n"
					"a=rtcp:5005 IN IP4 192.0.2.1\r\na=ptime:20\r\n";

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		char *exact = malloc(len ? len : 1);
		struct tp_sdp sdp;
		int error;

		memcpy(exact, text, len);
		error = tp_sdp_read(&sdp, exact, len);
		assert_true(error == 0 || error == TP_ERR_FORMAT || error == TP_ERR_UNSUPPORTED);
		free(exact);
	}
}

static void what_is_written_reads_back(void **state)
{
	static const struct {
		const char *host, *codec;
		int pt, rate_hz, rtcp_port;
		enum tp_srtp_suite suite;
	} cases[] = {
		{"127.0.0.1", "PCMU", 0, 0, 0, TP_SRTP_NONE},
		{"127.0.0.1", "opus", 96, 0, 0, TP_SRTP_AEAD_AES_128_GCM},
		{"2001:db8::1", "L16", 98, 16000, 5010, TP_SRTP_AES_CM_128_HMAC_SHA1_80},
		{"::1", "G722", 9, 0, 0, TP_SRTP_AES_256_CM_HMAC_SHA1_80},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tp_sdp in = {.port = 5004, .flow = TP_SENDRECV, .ptime_ms = 40}, out;
		struct tp_format format = {.pt = cases[i].pt};
		char text[2048];
		int len;

		snprintf(in.host, sizeof(in.host), "%s", cases[i].host);
		snprintf(format.codec, sizeof(format.codec), "%s", cases[i].codec);
		format.options.rate_hz = cases[i].rate_hz;
		tp_formats_put(&in.formats, &format);
		in.rtcp_port = cases[i].rtcp_port;
		in.rtcp_mux = i & 1;
		in.secure = cases[i].suite != TP_SRTP_NONE;
		if (in.secure)
			assert_int_equal(tp_srtp_key_generate(&in.key, cases[i].suite), 0);
		len = tp_sdp_write(&in, text, sizeof(text));
		assert_true(len > 0);
		assert_int_equal(tp_sdp_read(&out, text, (size_t)len), 0);
		assert_string_equal(out.host, in.host);
		assert_int_equal(out.port, 5004);
		assert_int_equal(out.ptime_ms, 40);
		assert_int_equal(out.rtcp_mux, in.rtcp_mux);
		assert_int_equal(out.rtcp_port, in.rtcp_port);
		assert_int_equal(out.formats.n, 1);
		assert_format(&out, 0, cases[i].codec, cases[i].pt);
		assert_int_equal(out.secure, in.secure);
		assert_memory_equal(&out.key, &in.key, sizeof(in.key));
		assert_int_equal(tp_sdp_write(&in, text, (size_t)len), TP_ERR_ARGUMENT);
	}
}

/* What is no codec stands in the map, and is never taken for the one to send. */
static void comfort_noise_and_redundancy_are_read_and_written(void **state)
{
	struct tp_sdp sdp, again;
	char text[1024];

	(void)state;
	assert_int_equal(read_text(&sdp, "v=0\r\nc=IN IP4 192.0.2.1\r\n"
					 "m=audio 5004 RTP/AVP 121 9 13 105\r\n"
					 "a=rtpmap:121 red/8000\r\na=fmtp:121 9/9\r\n"
					 "a=rtpmap:105 CN/16000\r\na=rtpmap:13 CN/8000\r\n"),
			 0);
	assert_int_equal(sdp.formats.n, 4);
	assert_format(&sdp, 0, "red", 121);
	assert_format(&sdp, 1, "G722", 9);
	assert_format(&sdp, 2, "CN", 13);
	assert_format(&sdp, 3, "CN", 105);
	assert_int_equal(sdp.formats.format[3].options.rate_hz, 16000);
	assert_true(tp_sdp_write(&sdp, text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "m=audio 5004 RTP/AVP 121 9 13 105\r\n"));
	assert_non_null(strstr(text, "a=rtpmap:121 red/8000\r\na=fmtp:121 9/9\r\n"));
	assert_non_null(strstr(text, "a=rtpmap:13 CN/8000\r\n"));
	assert_non_null(strstr(text, "a=rtpmap:105 CN/16000\r\n"));
	assert_int_equal(read_text(&again, text), 0);
	assert_memory_equal(&again.formats, &sdp.formats, sizeof(sdp.formats));
	/* and alone they are nothing that can be talked with */
	assert_int_equal(read_text(&sdp, "v=0\r\nc=IN IP4 192.0.2.1\r\n"
					 "m=audio 5004 RTP/AVP 13\r\n"),
			 TP_ERR_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comfort_noise_and_redundancy_are_read_and_written),
		cmocka_unit_test(a_plain_offer_is_read),
		cmocka_unit_test(the_order_of_attributes_is_free),
		cmocka_unit_test(only_the_first_audio_stream_counts),
		cmocka_unit_test(rates_and_channels_that_we_do_not_have_are_not_taken),
		cmocka_unit_test(the_first_crypto_line_that_we_can_do_is_taken),
		cmocka_unit_test(a_key_without_padding_is_read),
		cmocka_unit_test(what_cannot_be_used_is_refused_with_a_sentence),
		cmocka_unit_test(every_cut_is_survived),
		cmocka_unit_test(what_is_written_reads_back),
	};

	return cmocka_run_group_tests_name("sdp", tests, NULL, NULL);
}
