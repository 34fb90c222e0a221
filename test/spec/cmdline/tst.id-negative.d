/*
 * ASSERTION: -3 is a name, not an id
 * SECTION: 2.6
 * ARGS: -i -3
 */

BEGIN { exit(0); }
