/* SPDX-License-Identifier: MIT */
/* Which stream of a recording is replayed, and when its packets come. */
#include "cli/recorded.h"

#include "engine/octets.h"
#include "engine/rtp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A pcap file of raw IPv4 in network order, built packet by packet. */
struct file {
	uint8_t data[16384];
	size_t len;
};

static void put32(struct file *f, uint32_t value)
{
	tp_octets_put32(f->data + f->len, value);
	f->len += 4;
}

static void begin(struct file *f)
{
	f->len = 0;
	put32(f, 0xA1B2C3D4);
	put32(f, 2 << 16 | 4);
	put32(f, 0);
	put32(f, 0);
	put32(f, 65535);
	put32(f, 101);
}

/* A datagram of `len` octets from a port, to port 5004. */
static void put_datagram(struct file *f, int64_t us, uint16_t port, const uint8_t *data, size_t len)
{
	uint8_t *ip;

	put32(f, (uint32_t)(us / 1000000));
	put32(f, (uint32_t)(us % 1000000));
	put32(f, (uint32_t)len + 28);
	put32(f, (uint32_t)len + 28);
	ip = f->data + f->len;
	memset(ip, 0, 28);
	ip[0] = 0x45;
	tp_octets_put16(ip + 2, (uint16_t)(len + 28));
	ip[9] = 17;
	ip[15] = ip[19] = 1;
	tp_octets_put16(ip + 20, port);
	tp_octets_put16(ip + 22, 5004);
	tp_octets_put16(ip + 24, (uint16_t)(len + 8));
	memcpy(ip + 28, data, len);
	f->len += len + 28;
}

static void put_rtp(struct file *f, int64_t us, uint16_t port, uint8_t pt, uint16_t seq)
{
	uint8_t packet[TP_RTP_HEADER + 8] = {0};
	struct tp_rtp rtp = {.pt = pt, .seq = seq, .timestamp = seq * 160u, .ssrc = port};

	tp_rtp_write(packet, &rtp);
	put_datagram(f, us, port, packet, sizeof(packet));
}

static int find(struct tp_recorded *recorded, struct tp_packetfile **packets, const struct file *f,
		const char *pt)
{
	struct tp_formats formats;
	struct tp_format format;

	tp_formats_init(&formats);
	if (pt) {
		assert_int_equal(tp_formats_parse_pt(&format, pt), 0);
		tp_formats_put(&formats, &format);
	}
	assert_int_equal(tp_packetfile_open_memory(packets, f->data, f->len), 0);
	return tp_recorded_find(recorded, *packets, &formats);
}

static void the_first_row_of_known_packets_is_the_stream(void **state)
{
	static const uint8_t dns[20] = "\x80\x00\x81\x80 a name server";
	struct tp_packetfile *packets;
	struct tp_recorded recorded;
	static struct file f;

	(void)state;
	begin(&f);
	put_datagram(&f, 0, 53, dns, sizeof(dns)); /* one that looks like RTP: no row follows */
	for (uint16_t i = 0; i < 6; i++)
		put_rtp(&f, 1000 + i, 6000, 35, i); /* nobody knows 35 */
	for (uint16_t i = 0; i < 2; i++)
		put_rtp(&f, 2000 + i, 7000, 0, i);
	for (uint16_t i = 0; i < 3; i++)
		put_rtp(&f, 3000 + i, 8000, 8, i);
	assert_int_equal(find(&recorded, &packets, &f, NULL), 0);
	assert_int_equal(recorded.from.port, 8000);
	assert_string_equal(recorded.format.codec, "PCMA");
	tp_packetfile_close(packets);
	assert_int_equal(find(&recorded, &packets, &f, "35=opus"), 0);
	assert_int_equal(recorded.from.port, 6000);
	assert_string_equal(recorded.format.codec, "opus");
	tp_packetfile_close(packets);
}

static void a_recording_shorter_than_a_row_is_still_found(void **state)
{
	struct tp_packetfile *packets;
	struct tp_recorded recorded;
	static struct file f;

	(void)state;
	begin(&f);
	put_rtp(&f, 0, 7000, 9, 1);
	assert_int_equal(find(&recorded, &packets, &f, NULL), 0);
	assert_int_equal(recorded.from.port, 7000);
	tp_packetfile_close(packets);
}

static void what_has_no_known_stream_is_refused(void **state)
{
	struct tp_packetfile *packets;
	struct tp_recorded recorded;
	static struct file f;

	(void)state;
	begin(&f);
	assert_int_equal(find(&recorded, &packets, &f, NULL), TP_ERR_FORMAT);
	tp_packetfile_close(packets);
	put_rtp(&f, 0, 7000, 35, 1);
	assert_int_equal(find(&recorded, &packets, &f, NULL), TP_ERR_UNSUPPORTED);
	assert_non_null(strstr(tp_error_detail(), "35"));
	tp_packetfile_close(packets);
}

/* Takes what has come by a time, in batches of two; returns how many. */
static int take(const struct tp_transport *transport, int64_t now_ns, uint16_t *seq, int64_t *stamp)
{
	uint8_t data[2][64];
	int total = 0, got;

	do {
		struct tp_datagram batch[2] = {{.data = data[0], .cap = 64},
					       {.data = data[1], .cap = 64}};

		got = transport->ops->receive(transport->state, now_ns, batch, 2);
		for (int i = 0; i < got; i++) {
			seq[total] = tp_octets_get16(batch[i].data + 2);
			stamp[total++] = batch[i].stamp_ns;
		}
	} while (got == 2);
	return total;
}

static void packets_come_when_their_time_has_come(void **state)
{
	static const int64_t bases_us[] = {0, INT64_C(1700000000000000)};

	(void)state;
	for (int i = 0; i < 2; i++) {
		int64_t base = bases_us[i],
			zero = i ? 0 : 50000; /* calendars begin with the stream */
		struct tp_packetfile *packets;
		struct tp_transport transport;
		struct tp_recorded recorded;
		static struct file f;
		uint16_t seq[8];
		int64_t stamp[8];

		begin(&f);
		put_rtp(&f, base + 1000, 9000, 35, 7); /* a frame before the stream */
		put_rtp(&f, base + 50000, 8000, 0, 1);
		put_rtp(&f, base + 90000, 8000, 0, 2);
		put_rtp(&f, base + 89000, 8000, 0, 3); /* stamped out of order */
		put_rtp(&f, base + 90001, 9000, 0, 8); /* another stream */
		put_rtp(&f, base + 130000, 8000, 0, 4);
		assert_int_equal(find(&recorded, &packets, &f, NULL), 0);
		recorded.zero_ns = 1000000;
		tp_recorded_transport(&transport, &recorded);
		assert_int_equal(take(&transport, 1000000 + zero * 1000 - 1, seq, stamp), 0);
		assert_int_equal(take(&transport, 1000000 + zero * 1000, seq, stamp), 1);
		assert_int_equal(seq[0], 1);
		assert_int_equal(stamp[0], 1000000 + zero * 1000);
		assert_int_equal(take(&transport, 1000000 + (zero + 40000) * 1000, seq, stamp), 2);
		assert_int_equal(seq[1], 3);
		assert_int_equal(stamp[1], stamp[0]);
		assert_false(recorded.ended);
		assert_int_equal(take(&transport, INT64_MAX, seq, stamp), 1);
		assert_int_equal(seq[0], 4);
		assert_true(recorded.ended && !recorded.has_pending);
		assert_int_equal(recorded.error, 0);
		assert_int_equal(recorded.packets, 4);
		tp_packetfile_close(packets);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_row_of_known_packets_is_the_stream),
		cmocka_unit_test(a_recording_shorter_than_a_row_is_still_found),
		cmocka_unit_test(what_has_no_known_stream_is_refused),
		cmocka_unit_test(packets_come_when_their_time_has_come),
	};

	return cmocka_run_group_tests_name("recorded", tests, NULL, NULL);
}
