/*
 * ASSERTION: -C has the headers of a C compiler, though no compiler is there
 * SECTION: 1.11
 * ARGS: -C
 */

#pragma D option quiet
#include <stddef.h>
#include <stdbool.h>
#include <stdarg.h>
#include <signal.h>

wchar_t wide;

BEGIN
{
	wide = -1;
	printf("%d %d %d %d %d\n", wide, true, false, SIGINT, sizeof (va_list));
	exit(0);
}
