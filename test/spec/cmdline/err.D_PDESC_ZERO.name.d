/*
 * ASSERTION: a name that no probe has
 * SECTION: 10.3
 * ARGS: -n nosuch
 */

BEGIN { exit(0); }
