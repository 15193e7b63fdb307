/* SPDX-License-Identifier: MIT */
/* RTP headers (RFC 3550 5.1) and arithmetic on numbers that wrap. */
#include "rtp.h"

#include "octets.h"

int tp_rtp_parse(struct tp_rtp *rtp, const uint8_t *data, size_t len)
{
	size_t header = TP_RTP_HEADER, padding = 0;

	if (len < TP_RTP_HEADER || len > UINT16_MAX || data[0] >> 6 != 2)
		return TP_ERR_FORMAT;
	header += 4u * (data[0] & 0x0f);
	if (data[0] & 0x10) {
		if (len < header + 4)
			return TP_ERR_FORMAT;
		header += 4 + 4u * tp_octets_get16(data + header + 2);
	}
	if (len < header)
		return TP_ERR_FORMAT;
	if (data[0] & 0x20) {
		padding = data[len - 1];
		/* The count counts itself. */
		if (!padding || padding > len - header)
			return TP_ERR_FORMAT;
	}
	rtp->marker = data[1] >> 7;
	rtp->pt = data[1] & 0x7f;
	rtp->seq = tp_octets_get16(data + 2);
	rtp->timestamp = tp_octets_get32(data + 4);
	rtp->ssrc = tp_octets_get32(data + 8);
	rtp->payload = (uint16_t)header;
	rtp->payload_len = (uint16_t)(len - header - padding);
	return 0;
}

void tp_rtp_write(uint8_t header[TP_RTP_HEADER], const struct tp_rtp *rtp)
{
	header[0] = 2 << 6;
	header[1] = (uint8_t)(rtp->marker << 7 | (rtp->pt & 0x7f));
	tp_octets_put16(header + 2, rtp->seq);
	tp_octets_put32(header + 4, rtp->timestamp);
	tp_octets_put32(header + 8, rtp->ssrc);
}

bool tp_rtp_is_rtcp(const uint8_t *data, size_t len)
{
	/* RTCP's types as an RTP header would show them: marker set, payload types 64..95. */
	return len >= 2 && data[1] >= 192 && data[1] <= 223;
}

int16_t tp_rtp_seq_diff(uint16_t a, uint16_t b)
{
	return (int16_t)(uint16_t)(a - b);
}

int32_t tp_rtp_timestamp_diff(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

int64_t tp_rtp_extend_seq(int64_t reference, uint16_t seq)
{
	return reference + tp_rtp_seq_diff(seq, (uint16_t)reference);
}
