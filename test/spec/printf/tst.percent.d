/*
 * ASSERTION: %% is a percent sign
 * SECTION: 8.1
 */

#pragma D option quiet

BEGIN { printf("%d%%\n", 50); exit(0); }
