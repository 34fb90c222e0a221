/*
 * ASSERTION: exit in ERROR sets the status
 * SECTION: 9.5
 */

#pragma D option quiet

int zero;
BEGIN { trace(1 / zero); }
BEGIN { exit(0); }
ERROR { exit(arg4 == DTRACEFLT_DIVZERO ? 9 : 1); }
