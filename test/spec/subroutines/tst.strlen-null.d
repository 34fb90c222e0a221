/*
 * ASSERTION: strlen of the address 0 is a fault
 * SECTION: 5
 */

#pragma D option quiet

BEGIN { trace(strlen((char *)0)); }
ERROR { printf("%d %d\n", arg4 == DTRACEFLT_BADADDR, arg5); exit(0); }
