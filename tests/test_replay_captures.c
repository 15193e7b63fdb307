/* SPDX-License-Identifier: MIT */
/* Real captures through `talkpath replay`: what is played has their length and their level. */
#include "hal/wav.h"
#include "tests/fixtures/scratch_folder.h"
#include "tests/fixtures/shared_vectors.h"
#include "tests/fixtures/sound.h"
#include "tests/fixtures/spectrum.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void copy_capture(const char *from, const char *to)
{
	uint8_t *data;
	size_t len;
	FILE *file;

	shared_vectors_read(from, &data, &len);
	file = fopen(to, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	fclose(file);
	free(data);
}

/* Plays a capture; gives what was played, which tp_wav_free takes, and what the command said. */
static void replay(const char *capture, const char *options, struct tp_wav *wav, char said[256])
{
	const char *in = scratch_folder_path("in.pcap"), *out = scratch_folder_path("out.wav");
	const char *program = getenv("TALKPATH");
	char line[1024];
	FILE *pipe;

	copy_capture(capture, in);
	snprintf(line, sizeof(line), "%s replay %s %s %s", program ? program : "build/talkpath", in,
		 out, options);
	pipe = popen(line, "r");
	assert_non_null(pipe);
	said[fread(said, 1, 255, pipe)] = '\0';
	assert_int_equal(pclose(pipe), 0);
	assert_int_equal(tp_wav_read(out, wav), 0);
}

/* The capture's own length and level: those of its payloads, read by another decoder. */
static void check(const char *capture, const char *options, const char *packets, double seconds,
		  double level_db, double within_db)
{
	struct tp_wav wav;
	char said[256];
	double energy;

	replay(capture, options, &wav, said);
	assert_non_null(strstr(said, packets));
	/* What is made up behind the last packet is short and quiet. */
	assert_true((double)wav.frames / wav.rate_hz >= seconds);
	assert_true((double)wav.frames / wav.rate_hz < seconds + 0.5);
	energy = sound_power(wav.samples, wav.frames) * (double)wav.frames;
	assert_true(fabs(10 * log10(energy / (seconds * wav.rate_hz) / 32768 / 32768) - level_db) <
		    within_db);
	tp_wav_free(&wav);
}

static void an_a_law_announcement_is_played(void **state)
{
	(void)state;
	check("rtp/g711a.pcap", "", "236 packets of PCMA, 0 lost, 0 late", 7.08, -24.71, 0.5);
}

static void a_short_call_beside_its_signalling_is_played(void **state)
{
	(void)state;
	/* So short that its end counts, and the wait for its second packet. */
	check("rtp/sip_rtp_rtcp.pcap", "", "9 packets of PCMA, 0 lost, 0 late", 0.18, -22.82, 2.5);
}

static void an_srtp_call_is_decrypted_and_played(void **state)
{
	(void)state;
	check("srtp/sdes_cm128_sha1_80_pcma.pcap",
	      "--srtp AES_CM_128_HMAC_SHA1_80,inline:aSBrbm93IGFsbCB5b3VyIGxpdHRsZSBzZWNyZXRz",
	      "300 packets of PCMA, 0 lost, 0 late", 6.0, -20.94, 0.5);
}

static void the_milliwatt_is_a_clean_tone_of_its_level(void **state)
{
	struct tp_wav wav;
	struct tone tone;
	char said[256];

	(void)state;
	replay("rtp/milliwatt.pcmu.rtp.pcap", "", &wav, said);
	assert_non_null(strstr(said, "232 packets of PCMU, 0 lost, 0 late"));
	assert_int_equal(wav.rate_hz, 8000);
	assert_true(wav.frames > 36000);
	/* Every second is the tone of the payloads, whose own rest is at -28.5 dB: a break of
	 * its phase would leave more. */
	for (int s = 0; s < 4; s++) {
		tone = measure_tone(wav.samples + 2000 + s * 8000, 8000, 1004, 8000);
		assert_true(fabs(20 * log10(tone.amplitude / 32768) + 10.16) < 0.1);
		assert_true(tone.rest_db < -28);
	}
	tp_wav_free(&wav);
}

/* Several applications and another medium in one file: what is ours is found and played. */
static void opus_is_found_among_other_streams(void **state)
{
	struct tp_wav wav;
	char said[256];

	(void)state;
	replay("rtp/rtp_mixed.pcapng", "", &wav, said);
	assert_non_null(strstr(said, "29 packets of opus, 0 lost, 0 late"));
	tp_wav_free(&wav);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_a_law_announcement_is_played),
		cmocka_unit_test(a_short_call_beside_its_signalling_is_played),
		cmocka_unit_test(an_srtp_call_is_decrypted_and_played),
		cmocka_unit_test(the_milliwatt_is_a_clean_tone_of_its_level),
		cmocka_unit_test(opus_is_found_among_other_streams),
	};

	return cmocka_run_group_tests(tests, scratch_folder_make, scratch_folder_remove);
}
