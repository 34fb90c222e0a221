#!/usr/sbin/dtrace -qs
/*
 * ASSERTION: a #! line with combined flags is skipped; operands after the script are arguments
 * SECTION: 10.3
 * ARGS: -q
 * OPERANDS: 5 six
 */

BEGIN { printf("%d %s\n", $1, $$2); exit(0); }
