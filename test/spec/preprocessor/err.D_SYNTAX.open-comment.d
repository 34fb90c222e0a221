/*
 * ASSERTION: a comment must end
 * SECTION: 1.11
 * ARGS: -Cq
 */

BEGIN { exit(0); }
/* open
