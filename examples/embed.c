/* SPDX-License-Identifier: MIT */
/* A call with the smallest application: embed HOST:PORT [DEVICE]. Return ends it. */
#include <talkpath/talkpath.h>

#include <poll.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	struct tp_engine_config config;
	struct tp_session_options options;
	struct tp_session_config call;
	struct tp_engine *engine = NULL;
	struct tp_session *session;
	struct tp_event event;
	struct pollfd wake[2] = {{.fd = 0, .events = POLLIN}, {.events = POLLIN}};

	tp_engine_config_init(&config);
	config.device = argc > 2 ? argv[2] : "alsa:default";
	tp_session_options_init(&options);
	options.udp.port_min = 4000; /* we receive here, */
	options.udp.port_max = 4001; /* and reports there */
	tp_session_config_init(&call); /* PCMU, 20 ms packets */

	if (tp_address_parse(&call.remote, argc > 1 ? argv[1] : "") < 0 ||
	    tp_engine_create(&engine, &config) < 0 ||
	    tp_session_open(&session, engine, &options) < 0 ||
	    tp_session_configure(session, &call) < 0 || tp_engine_start(engine) < 0) {
		fprintf(stderr, "embed: %s\n", tp_error_detail());
		tp_engine_destroy(engine);
		return 1;
	}
	wake[1].fd = tp_engine_descriptor(engine);
	while (poll(wake, 2, -1) > 0 && !wake[0].revents)
		while (tp_engine_next_event(engine, &event))
			printf("event %d, value %u\n", (int)event.kind, (unsigned)event.value);
	tp_engine_destroy(engine); /* says goodbye and closes the session */
	return 0;
}
