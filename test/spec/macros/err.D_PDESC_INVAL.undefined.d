/*
 * ASSERTION: an undefined macro in a description
 * SECTION: 1.10
 * ARGS: -q
 */

BEGIN:$nosuch { exit(0); }
