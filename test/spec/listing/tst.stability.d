/*
 * ASSERTION: -v reports the stability of a program and how it runs
 * SECTION: 10.3
 * ARGS: -v
 */

BEGIN { exit(0); }
