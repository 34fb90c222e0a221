/*
 * ASSERTION: an id that no probe has
 * SECTION: 2.6
 * ARGS: -i 4294967295
 */

BEGIN { exit(0); }
