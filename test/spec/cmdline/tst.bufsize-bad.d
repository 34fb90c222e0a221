/*
 * ASSERTION: -b with something else fails
 * SECTION: 10.1
 * ARGS: -b 64q
 */

BEGIN { exit(0); }
