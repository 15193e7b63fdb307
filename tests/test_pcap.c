/* SPDX-License-Identifier: MIT */
/* Captures: both byte orders and resolutions, pcapng blocks, link types, and cuts anywhere. */
#include "cli/packetfile.h"
#include "cli/pcap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct file {
	uint8_t data[2048];
	size_t len;
	bool big;
};

static void put8(struct file *f, unsigned value)
{
	f->data[f->len++] = (uint8_t)value;
}

static void put16(struct file *f, unsigned value)
{
	put8(f, f->big ? value >> 8 : value);
	put8(f, f->big ? value : value >> 8);
}

static void put32(struct file *f, uint32_t value)
{
	put16(f, f->big ? value >> 16 : value);
	put16(f, f->big ? value : value >> 16);
}

static void put(struct file *f, const void *data, size_t len)
{
	memcpy(f->data + f->len, data, len);
	f->len += len;
}

static void put_classic_head(struct file *f, bool big, uint32_t magic, uint32_t link_type)
{
	memset(f, 0, sizeof(*f));
	f->big = big;
	put32(f, magic);
	put16(f, 2);
	put16(f, 4);
	put32(f, 0);
	put32(f, 0);
	put32(f, 65535);
	put32(f, link_type);
}

static void put_classic(struct file *f, uint32_t s, uint32_t fraction, const struct file *frame)
{
	put32(f, s);
	put32(f, fraction);
	put32(f, (uint32_t)frame->len);
	put32(f, (uint32_t)frame->len);
	put(f, frame->data, frame->len);
}

/* UDP over IPv4, 192.0.2.1:4000 to 192.0.2.2:5004; network order whatever the file's. */
static void put_ipv4(struct file *f, unsigned fragment, const char *payload)
{
	unsigned len = (unsigned)strlen(payload);

	f->big = true;
	put(f, "\x45\x00", 2);
	put16(f, 28 + len);
	put16(f, 0);
	put16(f, fragment);
	put(f, "\x40\x11\0\0\xC0\0\2\1\xC0\0\2\2", 12);
	put16(f, 4000);
	put16(f, 5004);
	put16(f, 8 + len);
	put16(f, 0);
	put(f, payload, len);
}

static void put_ipv6(struct file *f, const char *payload)
{
	unsigned len = (unsigned)strlen(payload);

	f->big = true;
	put(f, "\x60\0\0\0", 4);
	put16(f, 8 + 8 + len);
	put(f, "\0\x40", 2); /* a hop-by-hop header comes first */
	for (int end = 1; end <= 2; end++) {
		put(f, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0", 15);
		put8(f, (unsigned)end);
	}
	put(f, "\x11\0\0\0\0\0\0\0", 8);
	put16(f, 4000);
	put16(f, 5004);
	put16(f, 8 + len);
	put16(f, 0);
	put(f, payload, len);
}

/* The only datagram of a capture of one frame. */
static int read_one(struct tp_packetfile_packet *packet, const struct file *f)
{
	struct tp_packetfile *file;
	int got;

	assert_int_equal(tp_packetfile_open_memory(&file, f->data, f->len), 0);
	got = tp_packetfile_next(file, packet);
	tp_packetfile_close(file);
	return got;
}

static void both_byte_orders_and_resolutions_give_the_same_stamp(void **state)
{
	static const uint32_t magics[] = {0xA1B2C3D4, 0xA1B23C4D};

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct file f, frame = {.len = 0};
		struct tp_packetfile_packet packet;
		bool ns = i & 1, big = i & 2;

		put_ipv4(&frame, 0, "hello");
		put_classic_head(&f, big, magics[ns], 101);
		put_classic(&f, 3, ns ? 250000000 : 250000, &frame);
		assert_int_equal(read_one(&packet, &f), 1);
		assert_int_equal(packet.stamp_ns, 3250000000);
		assert_int_equal(packet.len, 5);
		assert_memory_equal(packet.data, "hello", 5);
		assert_int_equal(packet.from.port, 4000);
		assert_int_equal(packet.to.port, 5004);
		assert_memory_equal(packet.from.ip, "\xC0\0\2\1", 4);
	}
}

static void every_link_type_leads_to_the_same_datagram(void **state)
{
	static const struct {
		const char *head;
		size_t len;
		unsigned link_type;
		bool v6;
	} links[] = {
		{"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0", 14, 1, false},
		{"\2\0\0\0\0\2\2\0\0\0\0\1\x81\0\0\5\x08\0", 18, 1, false},
		{"\2\0\0\0\0\2\2\0\0\0\0\1\x88\xA8\0\5\x81\0\0\6\x86\xDD", 22, 1, true},
		{"\0\0\0\1\0\6\2\0\0\0\0\1\0\0\x08\0", 16, 113, false},
		{"\x86\xDD\0\0\0\0\0\1\0\1\0\6\2\0\0\0\0\1\0\0", 20, 276, true},
		{"\2\0\0\0", 4, 0, false},
		{"\0\0\0\x1E", 4, 108, true},
		{"", 0, 101, false},
		{"", 0, 101, true},
		{"", 0, 12, false},
		{"", 0, 228, false},
		{"", 0, 229, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		struct file f, frame = {.len = 0};
		struct tp_packetfile_packet packet;

		put(&frame, links[i].head, links[i].len);
		if (links[i].v6)
			put_ipv6(&frame, "payload");
		else
			put_ipv4(&frame, 0, "payload");
		put(&frame, "pad", 3); /* short Ethernet frames are padded */
		put_classic_head(&f, false, 0xA1B2C3D4, links[i].link_type);
		put_classic(&f, 0, 0, &frame);
		assert_int_equal(read_one(&packet, &f), 1);
		assert_int_equal(packet.len, 7);
		assert_memory_equal(packet.data, "payload", 7);
		assert_int_equal(packet.to.family, links[i].v6 ? 6 : 4);
		assert_int_equal(packet.to.port, 5004);
	}
}

static void fragments_and_other_protocols_are_skipped(void **state)
{
	struct file f, frame = {.len = 0}, first = {.len = 0}, later = {.len = 0};
	struct tp_packetfile_packet packet;

	(void)state;
	put_ipv4(&first, 0x2000, "first fragment");
	put_ipv4(&later, 0x0010, "later fragment");
	put_ipv4(&frame, 0x4000, "whole"); /* "do not fragment" is no fragment */
	put_classic_head(&f, false, 0xA1B2C3D4, 101);
	put_classic(&f, 0, 0, &first);
	put_classic(&f, 0, 1, &later);
	frame.data[9] = 6; /* TCP */
	put_classic(&f, 0, 2, &frame);
	frame.data[9] = 17;
	put_classic(&f, 0, 3, &frame);
	assert_int_equal(read_one(&packet, &f), 1);
	assert_int_equal(packet.stamp_ns, 3000);
	assert_memory_equal(packet.data, "whole", 5);
}

static void begin_block(struct file *f, uint32_t type, size_t body)
{
	put32(f, type);
	put32(f, (uint32_t)(12 + (body + 3) / 4 * 4));
}

static void end_block(struct file *f, size_t body)
{
	f->len += (4 - body % 4) % 4;
	put32(f, (uint32_t)(12 + (body + 3) / 4 * 4));
}

static void put_section(struct file *f, bool big)
{
	f->big = big;
	begin_block(f, 0x0A0D0D0A, 16);
	put32(f, 0x1A2B3C4D);
	put16(f, 1);
	put16(f, 0);
	put32(f, 0xFFFFFFFF);
	put32(f, 0xFFFFFFFF);
	end_block(f, 16);
}

/* An interface of raw IP with its resolution and an offset. */
static void put_interface(struct file *f, unsigned resolution, int32_t offset_s)
{
	begin_block(f, 1, 32);
	put16(f, 101);
	put16(f, 0);
	put32(f, 65535);
	put16(f, 9);
	put16(f, 1);
	put8(f, resolution);
	f->len += 3;
	put16(f, 14);
	put16(f, 8);
	put32(f, f->big ? (offset_s < 0 ? 0xFFFFFFFF : 0) : (uint32_t)offset_s);
	put32(f, f->big ? (uint32_t)offset_s : (offset_s < 0 ? 0xFFFFFFFF : 0));
	put32(f, 0);
	end_block(f, 32);
}

static void put_enhanced(struct file *f, unsigned interface, uint64_t ticks,
			 const struct file *frame)
{
	begin_block(f, 6, 20 + frame->len);
	put32(f, interface);
	put32(f, (uint32_t)(ticks >> 32));
	put32(f, (uint32_t)ticks);
	put32(f, (uint32_t)frame->len);
	put32(f, (uint32_t)frame->len);
	put(f, frame->data, frame->len);
	end_block(f, 20 + frame->len);
}

static void put_simple(struct file *f, const struct file *frame)
{
	begin_block(f, 3, 4 + frame->len);
	put32(f, (uint32_t)frame->len);
	put(f, frame->data, frame->len);
	end_block(f, 4 + frame->len);
}

static void pcapng_stamps_follow_each_interface(void **state)
{
	static const int64_t expected_ns[] = {1500000000, 1500000000, 1500000001,
					      1500000000, 2500000000, 2500000000};

	(void)state;
	for (int big = 0; big < 2; big++) {
		struct file f = {.len = 0}, frame = {.len = 0};
		struct tp_packetfile_packet packet;
		struct tp_packetfile *file;

		put_ipv4(&frame, 0, "datagram");
		put_section(&f, big);
		put_interface(&f, 6, 0);
		put_interface(&f, 3, 0);
		put_interface(&f, 9, 0);
		put_interface(&f, 0x80 | 20, 0);
		put_interface(&f, 6, -10);
		put_enhanced(&f, 0, 1500000, &frame);
		put_enhanced(&f, 1, 1500, &frame);
		put_enhanced(&f, 2, 1500000001, &frame);
		put_enhanced(&f, 3, 3u << 19, &frame);
		put_enhanced(&f, 4, 12500000, &frame);
		put_enhanced(&f, 5, 1, &frame); /* of an interface that is not there: skipped */
		put_simple(&f, &frame); /* has no stamp: that of the frame before */
		assert_int_equal(tp_packetfile_open_memory(&file, f.data, f.len), 0);
		for (int i = 0; i < 6; i++) {
			assert_int_equal(tp_packetfile_next(file, &packet), 1);
			assert_int_equal(packet.stamp_ns, expected_ns[i]);
			assert_memory_equal(packet.data, "datagram", 8);
		}
		assert_int_equal(tp_packetfile_next(file, &packet), 0);
		tp_packetfile_close(file);
	}
}

static void a_second_section_may_have_the_other_byte_order(void **state)
{
	struct file f = {.len = 0}, frame = {.len = 0};
	struct tp_packetfile_packet packet;
	struct tp_packetfile *file;

	(void)state;
	put_ipv4(&frame, 0, "one");
	for (int big = 0; big < 2; big++) {
		put_section(&f, big);
		put_interface(&f, 6, 0);
		put_enhanced(&f, 0, 7, &frame);
	}
	assert_int_equal(tp_packetfile_open_memory(&file, f.data, f.len), 0);
	assert_int_equal(tp_packetfile_next(file, &packet), 1);
	assert_int_equal(tp_packetfile_next(file, &packet), 1);
	assert_int_equal(packet.stamp_ns, 7000);
	assert_int_equal(tp_packetfile_next(file, &packet), 0);
	tp_packetfile_close(file);
}

/* Reads `len` octets in memory of exactly that size; returns how many datagrams came before the end
 * and how it ended. */
static int count(const struct file *f, size_t len, int *end)
{
	uint8_t *exact = malloc(len ? len : 1);
	struct tp_packetfile_packet packet;
	struct tp_packetfile *file;
	int n = 0;

	memcpy(exact, f->data, len);
	*end = tp_packetfile_open_memory(&file, exact, len);
	if (!*end) {
		while ((*end = tp_packetfile_next(file, &packet)) == 1)
			n++;
		tp_packetfile_close(file);
	}
	free(exact);
	return n;
}

static void every_cut_is_told_after_what_is_whole(void **state)
{
	struct file frame = {.len = 0};

	(void)state;
	put_ipv4(&frame, 0, "datagram");
	for (int ng = 0; ng < 2; ng++) {
		struct file f = {.len = 0};
		size_t ends[4];
		int end;

		if (ng) {
			put_section(&f, false);
			put_interface(&f, 6, 0);
		} else {
			put_classic_head(&f, false, 0xA1B2C3D4, 101);
		}
		ends[0] = f.len;
		for (int i = 0; i < 3; i++) {
			if (ng)
				put_enhanced(&f, 0, (unsigned)i, &frame);
			else
				put_classic(&f, 0, (unsigned)i, &frame);
			ends[i + 1] = f.len;
		}
		for (size_t len = 0; len <= f.len; len++) {
			int whole = 0, n = count(&f, len, &end);

			while (whole < 3 && ends[whole + 1] <= len)
				whole++;
			assert_int_equal(n, whole);
			if (len > ends[0])
				assert_int_equal(end, len == ends[whole] ? 0 : TP_ERR_FORMAT);
		}
	}
}

static void what_is_no_capture_is_refused(void **state)
{
	static const char *const wrong[] = {"", "abc", "RIFF....WAVE", "\xD4\xC3\xB2", "#!rtpplay"};
	struct tp_packetfile *file;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(tp_packetfile_open_memory(&file, (const uint8_t *)wrong[i],
							   strlen(wrong[i])),
				 TP_ERR_FORMAT);
}

/* Captures that others made; the figures are tshark's. */
static void captures_of_real_calls_are_read(void **state)
{
	static const struct {
		const char *name;
		int datagrams;
	} captures[] = {
		{"vectors/rtp/g711a.pcap", 236},
		{"vectors/rtp/milliwatt.pcmu.rtp.pcap", 232},
		{"vectors/rtp/sip_rtp_rtcp.pcap", 112},
		{"vectors/rtp/packets_rtp.pcap", 20},
		{"vectors/rtp/rtp_mixed.pcapng", 75},
		{"vectors/srtp/sdes_cm128_sha1_80_pcma.pcap", 300},
	};
	const char *shared = getenv("TALKPATH_SHARED");
	char path[512];

	(void)state;
	for (size_t i = 0; i < sizeof(captures) / sizeof(captures[0]); i++) {
		struct tp_packetfile_packet packet;
		struct tp_packetfile *file;
		int n = 0, got;

		snprintf(path, sizeof(path), "%s/%s", shared ? shared : "../shared",
			 captures[i].name);
		if (tp_packetfile_open(&file, path)) {
			print_message("SKIP: no %s; set TALKPATH_SHARED\n", path);
			skip();
		}
		while ((got = tp_packetfile_next(file, &packet)) == 1)
			n++;
		tp_packetfile_close(file);
		assert_int_equal(got, 0);
		assert_int_equal(n, captures[i].datagrams);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_byte_orders_and_resolutions_give_the_same_stamp),
		cmocka_unit_test(every_link_type_leads_to_the_same_datagram),
		cmocka_unit_test(fragments_and_other_protocols_are_skipped),
		cmocka_unit_test(pcapng_stamps_follow_each_interface),
		cmocka_unit_test(a_second_section_may_have_the_other_byte_order),
		cmocka_unit_test(every_cut_is_told_after_what_is_whole),
		cmocka_unit_test(what_is_no_capture_is_refused),
		cmocka_unit_test(captures_of_real_calls_are_read),
	};

	return cmocka_run_group_tests_name("pcap", tests, NULL, NULL);
}
