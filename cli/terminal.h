/* SPDX-License-Identifier: MIT */
/* The terminal: single keys without echo while a meter is up, and its
 * old state after every exit. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>

/* Takes the terminal if both stdin and stdout are one: keys come one by one, the cursor is hidden.
 * False, and nothing changed, if not. Whatever ends the process but SIGKILL gives it back. */
bool tp_terminal_open(void);

/* Gives it back; nothing happens if it was not taken. */
void tp_terminal_close(void);

/* The next key that was pressed, 0 if none. Poll STDIN_FILENO to wait for one. */
int tp_terminal_key(void);

/* Its width in columns. */
int tp_terminal_columns(void);

/* Whether it shows UTF-8, and whether colours are wanted (https://no-color.org). */
bool tp_terminal_is_utf8(void);
bool tp_terminal_has_colour(void);

#endif
