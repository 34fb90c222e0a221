/*
 * ASSERTION: an id beyond the slots is an illegal operation
 * SECTION: 6.3
 */

#pragma D option quiet

BEGIN { commit(1024); }
BEGIN { discard(-1); }
ERROR { printf("%d\n", arg4 == DTRACEFLT_ILLOP); n++; }
BEGIN /n == 2/ { exit(0); }
