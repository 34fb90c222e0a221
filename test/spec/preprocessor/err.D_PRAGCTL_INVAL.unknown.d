/*
 * ASSERTION: an unknown directive is refused
 * SECTION: 1.11
 * ARGS: -Cq
 */

#frobnicate 1
BEGIN { exit(0); }
