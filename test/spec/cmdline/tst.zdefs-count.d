/*
 * ASSERTION: with -Z such a description matched 0 probes
 * SECTION: 10.3
 * ARGS: -Z -n nosuch
 */

BEGIN { exit(0); }
