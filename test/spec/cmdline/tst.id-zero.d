/*
 * ASSERTION: no probe has id 0
 * SECTION: 2.6
 * ARGS: -i 0
 */

BEGIN { exit(0); }
