/*
 * ASSERTION: rates beyond their limits are taken as these, and that is said
 * SECTION: 10.2
 * ARGS: -x cleanrate=1us -x statusrate=1min
 */

BEGIN { exit(0); }
