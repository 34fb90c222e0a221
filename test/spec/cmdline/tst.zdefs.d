/*
 * ASSERTION: -Z allows descriptions that match nothing
 * SECTION: 10.3
 * ARGS: -qZ -n nosuch
 */

BEGIN { exit(0); }
