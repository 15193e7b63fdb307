/* SPDX-License-Identifier: MIT */
/* Catches what anything prints on stderr. */
#include "stderr_trap.h"

#include <stdio.h>
#include <unistd.h>

static FILE *caught;
static int kept;

void stderr_trap_open(void)
{
	fflush(stderr);
	caught = tmpfile();
	kept = dup(STDERR_FILENO);
	dup2(fileno(caught), STDERR_FILENO);
}

long stderr_trap_close(void)
{
	fflush(stderr);
	long octets = (long)lseek(fileno(caught), 0, SEEK_END);

	dup2(kept, STDERR_FILENO);
	close(kept);
	fclose(caught);
	return octets;
}
