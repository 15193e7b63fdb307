/* SPDX-License-Identifier: MIT */
/* Lists ALSA devices by the hints of alsa-lib's configuration. */
#include "hal/alsa_list.h"

#include "hal/alsa_pcm.h"

#include <alsa/asoundlib.h>
#include <stdlib.h>
#include <string.h>

/* A hint without IOID is a device of both directions; descriptions have a line for the card and one
 * for the way to it. */
static void tell(void *hint, void (*each)(void *context, const char *args, const char *about),
		 void *context)
{
	char *direction = snd_device_name_get_hint(hint, "IOID");
	char *name = snd_device_name_get_hint(hint, "NAME");
	char *about = snd_device_name_get_hint(hint, "DESC");

	if (!direction && name) {
		for (char *end = about; end && (end = strchr(end, '\n'));)
			*end = ' ';
		each(context, name, about ? about : name);
	}
	free(direction);
	free(name);
	free(about);
}

int tp_alsa_list(void (*each)(void *context, const char *args, const char *about), void *context)
{
	tp_alsa_handler *before = tp_alsa_pcm_hush();
	void **hints;
	int err = snd_device_name_hint(-1, "pcm", &hints);

	if (err == 0) {
		for (void **hint = hints; *hint; hint++)
			tell(*hint, each, context);
		snd_device_name_free_hint(hints);
	}
	tp_alsa_pcm_loud(before);
	if (err < 0)
		return tp_fail(TP_ERR_DEVICE, "the ALSA configuration cannot be read: %s",
			       snd_strerror(err));
	return 0;
}
