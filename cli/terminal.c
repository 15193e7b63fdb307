/* SPDX-License-Identifier: MIT */
/* The terminal: single keys without echo while a meter is up, and its
 * old state after every exit. */
#include "terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static volatile sig_atomic_t taken;

static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT};

enum {
	FATAL_SIGNALS_N = sizeof(fatal_signals) / sizeof(fatal_signals[0]),
};

/* Safe in a signal handler. */
static void restore(void)
{
	static const char show_cursor[] = "\033[?25h";

	if (!taken)
		return;
	taken = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	(void)!write(STDOUT_FILENO, show_cursor, sizeof(show_cursor) - 1);
}

static void restore_and_die(int signal_number)
{
	restore();
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = restore_and_die};

	sigemptyset(&action.sa_mask);
	for (int i = 0; i < FATAL_SIGNALS_N; i++)
		sigaction(fatal_signals[i], &action, NULL);
	/* A suspended call would fall silent: the key for it does nothing. */
	signal(SIGTSTP, SIG_IGN);
}

bool tp_terminal_open(void)
{
	static bool hooked;
	struct termios raw;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &before))
		return false;
	setlocale(LC_CTYPE, "");
	raw = before;
	/* ISIG stays: Ctrl-C is a signal as ever. */
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	if (!hooked) {
		hooked = true;
		atexit(restore);
		catch_signals();
	}
	taken = 1;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &raw)) {
		taken = 0;
		return false;
	}
	(void)!write(STDOUT_FILENO, "\033[?25l", 6);
	return true;
}

void tp_terminal_close(void)
{
	restore();
}

int tp_terminal_key(void)
{
	unsigned char key;

	return taken && read(STDIN_FILENO, &key, 1) == 1 ? key : 0;
}

int tp_terminal_columns(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col ? 80 : size.ws_col;
}

bool tp_terminal_is_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

bool tp_terminal_has_colour(void)
{
	const char *term = getenv("TERM");

	return !getenv("NO_COLOR") && term && strcmp(term, "dumb") != 0;
}
