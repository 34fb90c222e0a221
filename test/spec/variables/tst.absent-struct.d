/*
 * ASSERTION: reading a member of an absent element faults at address 0
 * SECTION: 3.8
 */

#pragma D option quiet

struct pair { int a, b; };
struct pair p[int];
BEGIN { trace(p[3].a); }
ERROR { printf("%d %d\n", arg4 == DTRACEFLT_BADADDR, arg5); exit(0); }
