/*
 * ASSERTION: a fault fires ERROR with epid, action, offset, fault and value; later clauses of the firing run
 * SECTION: 9.5
 */

#pragma D option quiet

BEGIN { before = 1; trace(*(int *)0x40); printf("not reached\n"); }
BEGIN { printf("next clause\n"); exit(0); }
ERROR { printf("epid %d action %d fault %d value %x before %d\n", arg1, arg2, arg4, arg5, before); }
