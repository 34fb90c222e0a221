/*
 * ASSERTION: -v reports on a program that -e only compiles
 * SECTION: 10.3
 * ARGS: -e -v
 */
BEGIN { exit(1); }
