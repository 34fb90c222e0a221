/*
 * ASSERTION: print of a null pointer faults
 * SECTION: 8.6
 */

#pragma D option quiet

struct pair { int a; };
BEGIN { print((struct pair *)0); }
ERROR { printf("fault %d at %x\n", arg4, arg5); exit(0); }
