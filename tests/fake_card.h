/* SPDX-License-Identifier: MIT */
/* Puts the test sound card (alsa_card/) into an ALSA configuration of its own. */
#ifndef TP_FAKE_CARD_H
#define TP_FAKE_CARD_H

#include "alsa_card/testcard.h"

struct fake_card {
	char dir[64];
	struct testcard *shared; /* the card's log and commands */
};

/* Makes the ALSA device "card", with these fields beside those that say where it is, the only one in
 * this process's ALSA configuration; `more` is configuration text after it, or "". In it %s is the
 * path of the shared file. */
void fake_card_plug(struct fake_card *card, const char *fields, const char *more);

/* Removes its files. Devices must be closed before. */
void fake_card_remove(struct fake_card *card);

#endif
