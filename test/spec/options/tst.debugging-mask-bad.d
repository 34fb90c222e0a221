/*
 * ASSERTION: a bit mask is a number
 * SECTION: 10.2
 * ARGS: -x tree=all
 */
BEGIN { exit(0); }
