/*
 * ASSERTION: nothing is said in quiet mode
 * SECTION: 10.2
 * ARGS: -x cleanrate=1us
 */

#pragma D option quiet

BEGIN { exit(0); }
