/*
 * ASSERTION: a version newer than the one asked for before is in conflict with it
 * SECTION: 13.2
 * ARGS: -x version=1.2 -x version=1.5
 */
BEGIN { exit(0); }
