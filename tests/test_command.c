/* SPDX-License-Identifier: MIT */
/* The command as its users meet it: every mistake gets one sentence and the right exit code. */
#include "tests/fixtures/spawned.h"

#include <arpa/inet.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static char taken_port[16];

#define KEY_A     "inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define KEY_B     "inline:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define NULL_CALL "call --device null --for 0.2 "

/* Puts the port that is taken where PORT stands in a line. */
static const char *with_port(const char *line)
{
	static char expanded[1024];
	const char *port = strstr(line, "PORT");

	snprintf(expanded, sizeof(expanded), "%.*s%s%s", port ? (int)(port - line) : 1000, line,
		 port ? taken_port : "", port ? port + 4 : "");
	return expanded;
}

static void run(struct spawned *spawned, const char *line)
{
	spawned_run(spawned, with_port(line));
}

/* An rtpdump file of n packets of 20 ms under a payload type. */
static void put_rtpdump(const char *name, int pt, int n, size_t cut)
{
	unsigned char data[65536];
	size_t len = (size_t)sprintf((char *)data, "#!rtpplay1.0 127.0.0.1/5004\n");

	memset(data + len, 0, 16);
	len += 16;
	for (int i = 0; i < n; i++) {
		const unsigned char head[] = {0,
					      180,
					      0,
					      172,
					      0,
					      0,
					      (unsigned char)(20 * i >> 8),
					      (unsigned char)(20 * i),
					      0x80,
					      (unsigned char)pt,
					      0,
					      (unsigned char)i,
					      0,
					      0,
					      (unsigned char)(160 * i >> 8),
					      (unsigned char)(160 * i),
					      1,
					      2,
					      3,
					      4};

		memcpy(data + len, head, sizeof(head));
		memset(data + len + sizeof(head), 0xff, 160);
		len += sizeof(head) + 160;
	}
	spawned_put(name, data, len - cut);
}

static int set_up(void **state)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (spawned_begin(state))
		return -1;
	/* A port that another program has; it stays open until the tests end. */
	do {
		address.sin6_port = 0;
		if (fd >= 0)
			close(fd);
		fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (bind(fd, (struct sockaddr *)&address, len) ||
		    getsockname(fd, (struct sockaddr *)&address, &len))
			return -1;
	} while (ntohs(address.sin6_port) % 2);
	snprintf(taken_port, sizeof(taken_port), "%d", ntohs(address.sin6_port));
	spawned_put("empty", "", 0);
	spawned_put("text", "this is no sound, no capture and no description\n", 48);
	spawned_put("good.key", KEY_A "\n", sizeof(KEY_A));
	spawned_put("short.key", "inline:AAAA\n", 12);
	spawned_put_wav("8k.wav", 8000, NULL, 800);
	spawned_put_wav("8k-longer.wav", 8000, NULL, 880);
	spawned_put_wav("16k.wav", 16000, NULL, 800);
	spawned_put_wav("44k.wav", 44100, NULL, 800);
	put_rtpdump("good.rtpdump", 0, 10, 0);
	put_rtpdump("cut.rtpdump", 0, 10, 5);
	put_rtpdump("unknown.rtpdump", 35, 10, 0);
	return 0;
}

static const struct mistake {
	int code;
	const char *line;
	const char *needle; /* what the sentence must speak of */
} mistakes[] = {
	{2, "dial", "dial"},
	{2, "--loud", "--loud"},
	{2, "call --loud", "--loud"},
	{2, "call -x", "-x"},
	{2, "call --codec", "--codec"},
	{2, "call --no-aec=1", "--no-aec"},
	{2, "call 127.0.0.1:5004 127.0.0.1:5006", "5006"},
	{2, NULL_CALL "--codec gsm", "gsm"},
	{2, NULL_CALL "--codec l16/44100", "44100"},
	{2, NULL_CALL "--codec pcmu/16000", "16000"},
	{2, NULL_CALL "--receive-codec gsm", "gsm"},
	{2, NULL_CALL "--pt 300=pcmu", "300"},
	{2, NULL_CALL "--pt 96", "96"},
	{2, NULL_CALL "--pt 70=opus", "70"},
	{2, NULL_CALL "--pt 96=gsm", "gsm"},
	{2, NULL_CALL "--pt 0=g722 --codec pcmu", "type 0 to G722"},
	{2, NULL_CALL "--red --pt 121=opus", "type 121 to opus"},
	{2, NULL_CALL "--vad --pt 13=opus", "--pt"},
	{2, NULL_CALL "--ptime 7", "ptime"},
	{2, NULL_CALL "--ptime 25 127.0.0.1:PORT", "25"},
	{2, NULL_CALL "--ptime twenty", "twenty"},
	{2, NULL_CALL "--period 1", "period"},
	{2, NULL_CALL "--threads 3", "threads"},
	{2, NULL_CALL "--for 0", "--for"},
	{2, NULL_CALL "--for 1e9", "2678400"},
	{2, NULL_CALL "--net loss=200", "loss"},
	{2, NULL_CALL "--net reorder=100", "below 100"},
	{2, NULL_CALL "--net seed=-1", "seed from 0 to 4294967295, not \"-1\""},
	{2, NULL_CALL "--net colour=3", "colour"},
	{2, NULL_CALL "--local 99999", "99999"},
	{2, NULL_CALL "--srtp AES_5,inline:AAAA", "AES_5"},
	{2, NULL_CALL "--srtp AES_CM_128_HMAC_SHA1_80", "key"},
	{2, NULL_CALL "--srtp AES_CM_128_HMAC_SHA1_80," KEY_A, "key"},
	{2, NULL_CALL "--srtp AES_CM_128_HMAC_SHA1_80,inline:AAAA,inline:AAAA", "key"},
	{2, NULL_CALL "--srtp AES_CM_128_HMAC_SHA1_80,inline:####," KEY_B, "base64"},
	{2, NULL_CALL "--srtp AES_CM_128_HMAC_SHA1_80,@DIR/short.key," KEY_B, "key"},
	{2, NULL_CALL "--srtp AES_CM_128_HMAC_SHA1_80," KEY_A "," KEY_A, "key"},
	{1, NULL_CALL "--srtp AES_CM_128_HMAC_SHA1_80,@DIR/nobody," KEY_B, "nobody"},
	{2, "call --for 1 --device drum", "drum"},
	{2, "call --for 1 --device drum:x=1", "drum"},
	{2, "call --for 1 --device room:colour=blue", "colour"},
	{2, "call --for 1 --device room:near=-26,gain=3", "near= stands in place of gain="},
	{2, "call 127.0.0.1:9 --device null --for 1 --route ear", "ear"},
	{2, "call 127.0.0.1:9 --device null --for 1 --sidetone 3", "sidetone"},
	{2, NULL_CALL "--capture-gain 25", "-96 to 24 dB, not \"25\""},
	{2, NULL_CALL "--playback-gain loud", "--playback-gain wants -96 to 24 dB"},
	{2, "call 127.0.0.1:9 --device null --for 1 --sidetone -20", "hands-free"},
	{1, "call 127.0.0.1:9 --device null --for 1 --load DIR/nobody.state", "nobody.state"},
	{1, "call 127.0.0.1:9 --device null --for 1 --load DIR/text", "text"},
	{1, "call --for 1 --device file:DIR/nobody.wav,DIR/out.wav", "nobody.wav"},
	{1, "call --for 1 --device file:DIR/text,DIR/out.wav", "text"},
	{1, "call --for 1 --device alsa:no_such_card_anywhere", "no_such_card_anywhere"},
	{1, NULL_CALL "--local PORT", "PORT"},
	{1, NULL_CALL "host.invalid:5004", "host.invalid"},
	{2, NULL_CALL "127.0.0.1", "127.0.0.1"},
	{2, NULL_CALL "127.0.0.1:99999", "99999"},
	{2, NULL_CALL ":5004", "\":5004\" names no host"},
	{2, NULL_CALL "127.0.0.1:0", "port 0"},
	{2, NULL_CALL "0.0.0.0:5004", "nobody"},
	{2, NULL_CALL "--srtp-shared", "--srtp SUITE,inline:KEY"},
	{1, NULL_CALL "--sdp DIR/none/x.sdp", "x.sdp"}, /* looked at before anybody calls */
	{1, NULL_CALL "--sdp-in DIR/nobody.sdp", "nobody.sdp"},
	{1, NULL_CALL "--sdp-in DIR/empty", "description"},
	{1, NULL_CALL "--sdp-in DIR/text", "description"},
	{1, NULL_CALL "--sdp DIR/none/x.sdp 127.0.0.1:PORT", "x.sdp"},
	{1, NULL_CALL "--stats DIR/none/x.json", "x.json"},
	{1, NULL_CALL "--record DIR/none/x.wav", "x.wav"},
	{1, NULL_CALL "--save DIR/none/x.state", "x.state"},
	{2, NULL_CALL "--stats DIR/x --trace DIR/x", "--stats and --trace"},
	{2, NULL_CALL "--load DIR/text --stats DIR/text", "--stats and --load"},
	{2, NULL_CALL "--stats DIR/q.json --trace DIR/./q.json", "--stats and --trace"},
	{2, "call --for 1 --device room:noise=-70,talker=DIR/8k.wav --record DIR/8k.wav",
	 "input and --record"},
	{2, "call --for 1 --device file:DIR/8k.wav --record DIR/./8k.wav", "input and --record"},
	{2, "call --for 1 --device file:loop=1,,DIR/new.wav --stats DIR/new.wav",
	 "output and --stats"},
	{2, NULL_CALL "--srtp AES_CM_128_HMAC_SHA1_80," KEY_B ",@DIR/good.key --stats DIR/good.key",
	 "the key of --srtp and --stats"},
	{2, "replay", "IN"},
	{2,
	 "replay DIR/good.rtpdump DIR/o.wav --srtp AES_CM_128_HMAC_SHA1_80,@DIR/good.key "
	 "--trace DIR/good.key",
	 "the key of --srtp and --trace"},
	{2, "replay DIR/good.rtpdump", "OUT"},
	{2, "replay DIR/good.rtpdump DIR/o.wav --pt 0=gsm", "gsm"},
	{2, "replay DIR/unknown.rtpdump DIR/o.wav", "35"},
	{1, "replay DIR/nobody.pcap DIR/o.wav", "nobody.pcap"},
	{1, "replay DIR/empty DIR/o.wav", "empty"},
	{1, "replay DIR DIR/o.wav", "directory"},
	{1, "replay DIR/text DIR/o.wav", "pcap"},
	{1, "replay DIR/8k.wav DIR/o.wav", "pcap"},
	{1, "replay DIR/cut.rtpdump DIR/o.wav", "cut"},
	{1, "replay DIR/good.rtpdump DIR/none/o.wav", "o.wav"},
	{1, "replay DIR/good.rtpdump DIR/o.wav --srtp AES_CM_128_HMAC_SHA1_80," KEY_A, "key"},
	{1, "bench echo --scenes DIR/none", "none"},
	{1, "bench jitter --seeds 1000 --plot DIR/none/p.html", "p.html"},
	{2, "bench cost --plot DIR/p.html", "--plot"},
	{2, "bench cost --live --only PCMU", "--only"},
	{2, "bench latency --seeds 2", "--seeds"},
	{2, "bench jitter --live", "--live"},
	{2, "bench echo --times 2", "--times"},
	{2, "bench noise", "noise"},
	{2, "echo DIR/8k.wav DIR/8k.wav", "OUT"},
	{1, "echo DIR/nobody.wav DIR/8k.wav DIR/o.wav", "nobody.wav"},
	{1, "echo DIR/empty DIR/8k.wav DIR/o.wav", "empty"},
	{1, "echo DIR/text DIR/8k.wav DIR/o.wav", "text"},
	{1, "echo DIR/8k.wav DIR/8k-longer.wav DIR/o.wav", "long"},
	{1, "echo DIR/8k.wav DIR/16k.wav DIR/o.wav", "16000"},
	{1, "echo DIR/44k.wav DIR/44k.wav DIR/o.wav", "44100"},
	{1, "echo DIR/8k.wav DIR/8k.wav DIR/none/o.wav", "o.wav"},
	{1, "echo DIR/8k.wav DIR/8k.wav DIR/o.wav --load DIR/nobody.state", "nobody.state"},
	{1, "echo DIR/8k.wav DIR/8k.wav DIR/o.wav --load DIR/text", "text"},
	{1, "echo DIR/8k.wav DIR/8k.wav DIR/o.wav --load DIR/nobody --save DIR/nobody",
	 "read the state"},
	{2, "echo DIR/8k.wav DIR/8k.wav DIR/o.wav --route earpiece", "earpiece"},
	{1, "echo DIR/8k.wav DIR/8k.wav DIR/o.wav --report DIR/none/r.html", "r.html"},
	{1, "echo DIR/8k.wav DIR/8k.wav DIR/o.wav --stats DIR/none/s.json", "s.json"},
	{1, "echo DIR/8k.wav DIR/8k.wav DIR/o.wav --save DIR/none/x.state", "x.state"},
	{2, "echo DIR/8k.wav DIR/8k.wav DIR/o.wav --save DIR/o.wav", "OUT.wav and --save"},
	{2, "echo DIR/8k.wav DIR/8k.wav DIR/e.wav --report DIR/./e.wav", "OUT.wav and --report"},
};

static void every_mistake_gets_one_sentence_and_its_exit_code(void **state)
{
	static struct spawned outcome;
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		const struct mistake *m = &mistakes[i];
		const char *needle = strcmp(m->needle, "PORT") ? m->needle : taken_port;
		const char *line_end;

		run(&outcome, m->line);
		line_end = strchr(outcome.err, '\n');
		if (outcome.code == m->code && !strncmp(outcome.err, "talkpath", 8) && line_end &&
		    !line_end[1] && strstr(outcome.err, needle))
			continue;
		wrong++;
		print_message(
			"talkpath %s\n  ended with %d, not %d, and said (looked for \"%s\"):\n%s\n",
			m->line, outcome.code, m->code, needle, outcome.err);
	}
	assert_int_equal(wrong, 0);
}

static void no_words_at_all_show_the_help_on_stderr(void **state)
{
	static struct spawned outcome;

	(void)state;
	run(&outcome, "");
	assert_int_equal(outcome.code, 2);
	assert_string_equal(outcome.out, "");
	assert_non_null(strstr(outcome.err, "talkpath call"));
}

static void what_goes_well_is_silent_on_stderr(void **state)
{
	static const struct {
		const char *line, *needle;
	} cases[] = {
		{"--version", "talkpath "},
		{"--help", "talkpath call"},
		{"help", "talkpath call"},
		{"help call", "--receive-codec"},
		{"call --help", "--receive-codec"},
		{"replay --help", "trace time 0"},
		{"codecs", "G722"},
		{"devices", "room"},
		{"call --device null --for 0.3", "nobody called"},
		{"call --device=null --for=0.3 --codec=opus 127.0.0.1:PORT", "sent"},
		{"call --device null --for 0.3 --pt 13=g722 --codec g722 127.0.0.1:PORT", "sent"},
		{"call --device null --for 0.3 --pt 13=red --red 127.0.0.1:PORT", "sent"},
		{"replay DIR/good.rtpdump DIR/o.wav", "10 packets"},
		{"echo DIR/8k.wav DIR/8k.wav DIR/o.wav", ""},
		{"echo DIR/8k.wav DIR/8k.wav DIR/o.wav --save DIR/kept.state", ""},
		{"echo DIR/8k.wav DIR/8k.wav DIR/o.wav --load DIR/kept.state --save "
		 "DIR/./kept.state",
		 ""},
	};
	static struct spawned outcome;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run(&outcome, cases[i].line);
		if (outcome.code || *outcome.err || !strstr(outcome.out, cases[i].needle))
			fail_msg("talkpath %s ended with %d, said \"%s\" and \"%s\"", cases[i].line,
				 outcome.code, outcome.out, outcome.err);
	}
}

static void what_cannot_be_printed_fails_with_one_sentence(void **state)
{
	static const char *const lines[] = {
		"--help",
		"--version",
		"codecs",
		"devices",
		"call --help",
		"call --device null --for 0.2",
		"bench cost --only PCMU --times 1000",
		"bench cost --only PCMU --times 1000 --json",
	};
	static struct spawned outcome;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		spawned_run_into(&outcome, lines[i], "/dev/full");
		if (outcome.code != 1 || !strstr(outcome.err, "cannot write to standard output") ||
		    strchr(outcome.err, '\n')[1])
			fail_msg("talkpath %s ended with %d and said \"%s\"", lines[i],
				 outcome.code, outcome.err);
	}
}

/* RFC 8866 6.4: a recommendation. */
static void a_packet_time_that_cannot_be_is_taken_as_the_nearest(void **state)
{
	static const struct {
		const char *codec, *wanted, *sent;
	} cases[] = {
		{"0 PCMU/8000", "a=ptime:15\r\n", "a=ptime:20\r\n"},
		{"0 PCMU/8000", "a=ptime:33\r\n", "a=ptime:30\r\n"},
		{"0 PCMU/8000", "a=ptime:1\r\n", "a=ptime:10\r\n"},
		{"0 PCMU/8000", "a=ptime:100\r\n", "a=ptime:60\r\n"},
		{"98 L16/16000", "a=ptime:50\r\n", "a=ptime:40\r\n"},
	};
	static struct spawned outcome;
	char text[300], path[SPAWNED_PATH_CAP];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		FILE *file;
		size_t len;

		len = (size_t)snprintf(text, sizeof(text),
				       "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio %s RTP/AVP %.2s\r\n"
				       "a=rtpmap:%s\r\n%s",
				       taken_port, cases[i].codec, cases[i].codec, cases[i].wanted);
		spawned_put("peer.sdp", text, len);
		run(&outcome, NULL_CALL "--sdp-in DIR/peer.sdp --sdp DIR/us.sdp");
		if (outcome.code)
			fail_msg("%s ended with %d and said \"%s\"", cases[i].wanted, outcome.code,
				 outcome.err);
		spawned_path(path, "us.sdp");
		file = fopen(path, "r");
		assert_non_null(file);
		text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
		fclose(file);
		assert_non_null(strstr(text, cases[i].sent));
	}
}

static double figure(const char *json, const char *name)
{
	const char *at = strstr(json, name);

	if (!at)
		fail_msg("no %s in %s", name, json);
	return strtod(at + strlen(name), NULL);
}

static void the_gain_of_the_microphone_is_set(void **state)
{
	static struct spawned outcome;
	static char json[8192];
	char path[SPAWNED_PATH_CAP];
	FILE *file;

	(void)state;
	run(&outcome, "call --device room:noise=-30,erl=80 --no-aec --for 1 --capture-gain -20.5 "
		      "--stats DIR/gain.json 127.0.0.1:PORT");
	assert_int_equal(outcome.code, 0);
	spawned_path(path, "gain.json");
	file = fopen(path, "r");
	assert_non_null(file);
	json[fread(json, 1, sizeof(json) - 1, file)] = '\0';
	fclose(file);
	/* The raw microphone has what the high-pass takes out of the voice. */
	assert_true(fabs(figure(json, "\"near_db\": ") + 20.5 -
			 figure(json, "\"microphone_db\": ")) < 3);
}

/* L16 does not fit into packets of 60 ms. */
static void the_codec_key_passes_by_what_cannot_be_sent(void **state)
{
	static struct spawned outcome;

	(void)state;
	spawned_type(&outcome, with_port("call --device null --for 5 --ptime 60 127.0.0.1:PORT"),
		     "ccccccccq");
	if (outcome.code || *outcome.err)
		fail_msg("it ended with %d and said \"%s\"", outcome.code, outcome.err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mistake_gets_one_sentence_and_its_exit_code),
		cmocka_unit_test(no_words_at_all_show_the_help_on_stderr),
		cmocka_unit_test(what_goes_well_is_silent_on_stderr),
		cmocka_unit_test(what_cannot_be_printed_fails_with_one_sentence),
		cmocka_unit_test(a_packet_time_that_cannot_be_is_taken_as_the_nearest),
		cmocka_unit_test(the_gain_of_the_microphone_is_set),
		cmocka_unit_test(the_codec_key_passes_by_what_cannot_be_sent),
	};

	return cmocka_run_group_tests_name("command", tests, set_up, spawned_end);
}
