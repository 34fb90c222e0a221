/*
 * ASSERTION: quiet silences the notices
 * SECTION: 10.3
 * ARGS: -w
 */

#pragma D option quiet

BEGIN { exit(0); }
