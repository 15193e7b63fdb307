/* SPDX-License-Identifier: MIT */
/* rtpdump files: what is read from good ones, and where damaged ones end. */
#include "cli/packetfile.h"
#include "cli/rtpdump.h"

#include "engine/octets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char first_line[] = "#!rtpplay1.0 192.0.2.7/5004\n";

struct dump {
	uint8_t data[512];
	size_t len;
};

static void put_head(struct dump *d)
{
	memset(d, 0, sizeof(*d));
	d->len = sizeof(first_line) - 1;
	memcpy(d->data, first_line, d->len);
	d->len += 16;
}

/* One record; `said` is its packet length field, 0 for RTCP. */
static void put_packet(struct dump *d, uint32_t offset_ms, const char *packet, uint16_t said)
{
	uint16_t len = (uint16_t)strlen(packet);

	tp_octets_put16(d->data + d->len, (uint16_t)(len + 8));
	tp_octets_put16(d->data + d->len + 2, said);
	tp_octets_put32(d->data + d->len + 4, offset_ms);
	memcpy(d->data + d->len + 8, packet, len);
	d->len += 8u + len;
}

static void packets_come_in_order_with_their_stamps(void **state)
{
	struct tp_packetfile_packet packet;
	struct tp_rtpdump dump;
	struct dump d;

	(void)state;
	put_head(&d);
	put_packet(&d, 0, "first", 5);
	put_packet(&d, 21, "rtcp", 0);
	put_packet(&d, 4294967295u, "second", 6);
	put_packet(&d, 30, "head only", 200);
	assert_int_equal(tp_rtpdump_open(&dump, d.data, d.len), 0);
	assert_int_equal(tp_rtpdump_next(&dump, &packet), 1);
	assert_int_equal(packet.stamp_ns, 0);
	assert_int_equal(packet.len, 5);
	assert_memory_equal(packet.data, "first", 5);
	assert_int_equal(packet.to.port, 5004);
	assert_memory_equal(packet.to.ip, "\xC0\x00\x02\x07", 4);
	assert_int_equal(tp_rtpdump_next(&dump, &packet), 1);
	assert_int_equal(packet.stamp_ns, INT64_C(4294967295000000));
	assert_memory_equal(packet.data, "second", 6);
	assert_int_equal(tp_rtpdump_next(&dump, &packet), 0);
	assert_int_equal(tp_rtpdump_next(&dump, &packet), 0);
}

/* However many octets are missing, whole packets before the cut are read and the cut is told. */
static void every_cut_is_told_after_what_is_whole(void **state)
{
	struct dump d;
	size_t ends[4];

	(void)state;
	put_head(&d);
	ends[0] = d.len;
	for (int i = 0; i < 3; i++) {
		put_packet(&d, 20u * (unsigned)i, "packet", 6);
		ends[i + 1] = d.len;
	}
	for (size_t len = 0; len <= d.len; len++) {
		uint8_t *exact =
			malloc(len ? len : 1); /* so that memory checkers see a read beyond */
		struct tp_packetfile_packet packet;
		struct tp_rtpdump dump;
		int whole = 0, got, n = 0;

		memcpy(exact, d.data, len);
		got = tp_rtpdump_open(&dump, exact, len);
		if (len < ends[0]) {
			assert_int_equal(got, TP_ERR_FORMAT);
			free(exact);
			continue;
		}
		assert_int_equal(got, 0);
		while (whole < 3 && ends[whole + 1] <= len)
			whole++;
		while ((got = tp_rtpdump_next(&dump, &packet)) == 1)
			n++;
		assert_int_equal(n, whole);
		assert_int_equal(got, len == ends[whole] ? 0 : TP_ERR_FORMAT);
		free(exact);
	}
}

static void a_record_shorter_than_its_head_is_damage(void **state)
{
	struct tp_packetfile_packet packet;
	struct tp_rtpdump dump;
	struct dump d;

	(void)state;
	put_head(&d);
	put_packet(&d, 0, "packet", 6);
	tp_octets_put16(d.data + d.len - 14, 7);
	assert_int_equal(tp_rtpdump_open(&dump, d.data, d.len), 0);
	assert_int_equal(tp_rtpdump_next(&dump, &packet), TP_ERR_FORMAT);
}

static void a_first_line_without_end_or_of_another_format_is_refused(void **state)
{
	static const char *const wrong[] = {"", "#!rtpplay1.0 1.2.3.4/5",
					    "#!rtpplay2.0 1.2.3.4/5\n", "RIFF....WAVE"};
	struct tp_rtpdump dump;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(
			tp_rtpdump_open(&dump, (const uint8_t *)wrong[i], strlen(wrong[i])),
			TP_ERR_FORMAT);
}

static void a_packet_file_can_be_read_twice(void **state)
{
	struct tp_packetfile_packet packet;
	struct tp_packetfile *file;
	struct dump d;

	(void)state;
	put_head(&d);
	put_packet(&d, 40, "one", 3);
	assert_int_equal(tp_packetfile_open_memory(&file, d.data, d.len), 0);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(tp_packetfile_next(file, &packet), 1);
		assert_int_equal(packet.stamp_ns, 40000000);
		assert_int_equal(tp_packetfile_next(file, &packet), 0);
		tp_packetfile_rewind(file);
	}
	tp_packetfile_close(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_come_in_order_with_their_stamps),
		cmocka_unit_test(every_cut_is_told_after_what_is_whole),
		cmocka_unit_test(a_record_shorter_than_its_head_is_damage),
		cmocka_unit_test(a_first_line_without_end_or_of_another_format_is_refused),
		cmocka_unit_test(a_packet_file_can_be_read_twice),
	};

	return cmocka_run_group_tests_name("rtpdump", tests, NULL, NULL);
}
