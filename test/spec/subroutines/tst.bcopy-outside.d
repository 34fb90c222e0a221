/*
 * ASSERTION: bcopy into memory that is not scratch is a fault
 * SECTION: 5
 */

#pragma D option quiet

BEGIN { bcopy(alloca(4), (void *)0x1000, 4); }
ERROR { printf("%d %x\n", arg4 == DTRACEFLT_BADADDR, arg5); exit(0); }
