/*
 * ASSERTION: an index of uregs[] that is no register faults with illegal operation
 * SECTION: 4.1
 */

#pragma D option quiet

BEGIN { trace(uregs[26]); }
BEGIN { trace(uregs[1000000]); }
ERROR { printf("%d %d\n", arg1, arg4 == DTRACEFLT_ILLOP); }
BEGIN { exit(0); }
