/*
 * ASSERTION: of two in one clause the first counts
 * SECTION: 6.4
 */

#pragma D option quiet

BEGIN { exit(2); exit(3); }
