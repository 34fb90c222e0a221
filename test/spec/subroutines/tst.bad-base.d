/*
 * ASSERTION: a base outside 2 to 36 is an illegal operation
 * SECTION: 5
 */

#pragma D option quiet

BEGIN { trace(lltostr(1, 37)); }
ERROR { printf("%d\n", arg4 == DTRACEFLT_ILLOP); exit(0); }
