/* SPDX-License-Identifier: MIT */
/* Catches what anything prints on stderr. */
#ifndef STDERR_TRAP_H
#define STDERR_TRAP_H

/* From now on stderr goes to a file. Not nested. */
void stderr_trap_open(void);

/* Gives stderr back; how many octets were caught. */
long stderr_trap_close(void);

#endif
