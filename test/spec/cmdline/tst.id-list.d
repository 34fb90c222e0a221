/*
 * ASSERTION: with -l an unknown id is an error too
 * SECTION: 2.6
 * ARGS: -l -i 0
 */

BEGIN { exit(0); }
