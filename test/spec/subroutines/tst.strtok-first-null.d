/*
 * ASSERTION: continuing with NULL what no call began is a fault
 * SECTION: 5
 */

#pragma D option quiet

BEGIN { trace(strtok(NULL, "/")); }
ERROR { printf("%d\n", arg4 == DTRACEFLT_BADADDR); exit(0); }
