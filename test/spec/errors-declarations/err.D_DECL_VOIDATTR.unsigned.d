/*
 * ASSERTION: void has no sign
 * SECTION: 3.1
 */

unsigned void *p;
BEGIN { exit(0); }
