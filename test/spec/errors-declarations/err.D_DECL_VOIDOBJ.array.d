/*
 * ASSERTION: there is no array of void
 * SECTION: 2.3
 */

void x[3];
BEGIN { exit(0); }
