/*
 * ASSERTION: a clause that only discards prints no row
 * SECTION: 6.2
 */

BEGIN { discard(0); }
BEGIN { exit(0); }
