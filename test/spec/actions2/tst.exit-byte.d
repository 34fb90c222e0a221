/*
 * ASSERTION: the status is the low byte
 * SECTION: 6.4
 */

#pragma D option quiet

BEGIN { exit(258); }
