/*
 * ASSERTION: a value that the option cannot take is refused
 * SECTION: 10.1
 * ARGS: -x switchrate=1week
 */

BEGIN { exit(0); }
