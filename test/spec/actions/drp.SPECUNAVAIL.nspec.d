/*
 * ASSERTION: without a free slot speculation() gives 0 and the failure is counted
 * SECTION: 6.3
 */

#pragma D option quiet

BEGIN { a = speculation(); b = speculation(); printf("%d %d\n", a, b); exit(0); }
