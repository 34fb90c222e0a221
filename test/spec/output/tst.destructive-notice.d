/*
 * ASSERTION: the notice of destructive actions follows that of matches
 * SECTION: 6.2
 * ARGS: -w
 */

BEGIN { exit(0); }
