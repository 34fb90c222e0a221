/*
 * ASSERTION: setopt takes constant strings
 * SECTION: 6.1
 */

BEGIN { x = "quiet"; setopt(x); exit(0); }
