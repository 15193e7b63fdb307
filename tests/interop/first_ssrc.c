/* SPDX-License-Identifier: MIT */
/* Prints the SSRC of the first RTP packet that comes to a port of 127.0.0.1: first_ssrc PORT.
 *
 * It stands in the clear, in SRTP too, and GStreamer's srtpdec wants to be told it. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
	RTP_HEADER = 12,
	WAIT_S = 5,
};

int main(int argc, char **argv)
{
	struct sockaddr_in local = {.sin_family = AF_INET};
	struct timeval wait = {.tv_sec = WAIT_S};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	uint8_t packet[RTP_HEADER];
	uint32_t ssrc;

	if (argc != 2) {
		fprintf(stderr, "usage: first_ssrc PORT\n");
		return 2;
	}
	local.sin_port = htons((uint16_t)atoi(argv[1]));
	local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&local, sizeof(local)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) ||
	    recv(fd, packet, sizeof(packet), 0) < RTP_HEADER) {
		perror("first_ssrc");
		return 1;
	}
	memcpy(&ssrc, packet + 8, sizeof(ssrc));
	printf("%u\n", ntohl(ssrc));
	return 0;
}
