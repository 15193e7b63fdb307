/* SPDX-License-Identifier: MIT */
/* The receive path from the rx ring to the block under packets of any number, time and content:
 * every slot comes back, and a block comes out of every turn. */
#include "codecs/registry.h"
#include "engine/rx.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	RATE_HZ = 16000,
	BLOCK_N = 160,
	SLOTS = 64,
	STEP = 8, /* octets of input for one packet */
	MS = 1000000,
	COMFORT_PT = 13,
	RED_PT = 121,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct tp_jitter_config settings = {TP_JITTER_ADAPTIVE, 0, 60, 400};

/* Everything that one run uses. */
struct run {
	struct tp_rx rx;
	struct tp_receive_map map;
	struct tp_ring in, back;
	void *in_cell[SLOTS], *back_cell[SLOTS];
	struct tp_jitter_entry entries[SLOTS];
	struct tp_packet packets[SLOTS];
	struct tp_packet *free[SLOTS];
	int free_n;
};

static void add_decoder(struct run *run, const struct tp_codec_ops *ops, int pt)
{
	struct tp_format format = {.pt = pt};

	if (tp_decoder_create(&run->map.decoder[run->map.n], ops, &format, RATE_HZ) < 0)
		abort();
	run->map.by_pt[pt] = (int8_t)run->map.n++;
}

static struct run *begin(void)
{
	struct run *run = calloc(1, sizeof(*run));

	if (!run)
		abort();
	memset(run->map.by_pt, -1, sizeof(run->map.by_pt));
	add_decoder(run, &tp_g711_pcmu, 0);
	add_decoder(run, &tp_g722, 9);
	add_decoder(run, &tp_opus, 96);
	run->map.comfort_hz[COMFORT_PT] = 8000;
	run->map.red[RED_PT] = true;
	tp_ring_init(&run->in, run->in_cell, SLOTS);
	tp_ring_init(&run->back, run->back_cell, SLOTS);
	tp_rx_init(&run->rx, &run->in, &run->back, run->entries, SLOTS / 2, &settings, RATE_HZ,
		   BLOCK_N);
	tp_rx_set(&run->rx, &run->map, true, &settings);
	for (int i = 0; i < SLOTS; i++)
		run->free[run->free_n++] = &run->packets[i];
	return run;
}

static void collect(struct run *run)
{
	struct tp_packet *packet;

	while ((packet = tp_ring_pop(&run->back)))
		run->free[run->free_n++] = packet;
}

/* One packet as the octets say; small numbers are small steps, large ones leaps. */
static void send(struct run *run, const uint8_t *at, const uint8_t *end, int64_t now_ns)
{
	static const uint8_t pts[4] = {0, 9, 96, 1}, extras[4] = {COMFORT_PT, RED_PT, RED_PT, 1};
	struct tp_packet *packet;
	size_t len = (size_t)(at[5] % 200), left = (size_t)(end - at);

	if (run->free_n == 0)
		return;
	packet = run->free[--run->free_n];
	packet->pt = at[5] < 200 ? pts[at[0] & 3] : extras[at[0] & 3];
	packet->ssrc = at[0] >> 6;
	packet->seq = (uint16_t)(at[1] | at[2] << 8);
	packet->timestamp = (uint32_t)(at[3] | at[4] << 8) << (at[0] >> 2 & 15);
	packet->stamp_ns = now_ns + (at[6] - 128) * (int64_t)MS;
	packet->payload = 12;
	packet->payload_len = (uint16_t)(len < left ? len : left);
	/* What follows in the input is the payload, or it could never be one of redundancy. */
	at += at[5] < 200 || left <= STEP ? 0 : STEP;
	if (packet->payload_len > end - at)
		packet->payload_len = (uint16_t)(end - at);
	memcpy(packet->data + packet->payload, at, packet->payload_len);
	tp_ring_push(&run->in, packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run *run = begin();
	struct tp_block_time time = {.now_ns = 1000 * (int64_t)MS};
	int16_t pcm[BLOCK_N];

	for (size_t at = 0; at + STEP <= size; at += STEP) {
		send(run, data + at, data + size, time.now_ns);
		for (int blocks = data[at + 7] % 4; blocks > 0; blocks--) {
			tp_rx_block(&run->rx, &time, pcm);
			time.now_ns += 10 * (int64_t)MS;
			time.played_ns = time.now_ns;
		}
		collect(run);
	}
	tp_rx_flush(&run->rx);
	collect(run);
	if (run->free_n != SLOTS)
		abort();
	for (int i = 0; i < run->map.n; i++)
		tp_coder_destroy(run->map.decoder[i]);
	free(run);
	return 0;
}
