/*
 * ASSERTION: END decides the status
 * SECTION: 6.4
 */

#pragma D option quiet

BEGIN { exit(3); }
END { printf("end\n"); exit(0); }
