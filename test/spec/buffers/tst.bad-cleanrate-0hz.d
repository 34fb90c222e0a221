/*
 * ASSERTION: a value that the option cannot take is refused
 * SECTION: 10.1
 * ARGS: -x cleanrate=0hz
 */

BEGIN { exit(0); }
