/*
 * ASSERTION: quiet prints neither heading nor rows nor the number of matches
 * SECTION: 10.2
 */

#pragma D option quiet
BEGIN { trace(1); exit(0); }
