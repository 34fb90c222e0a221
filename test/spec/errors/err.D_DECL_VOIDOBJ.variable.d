/*
 * ASSERTION: nothing is of type void
 * SECTION: 11
 */

void x;
BEGIN { exit(0); }
