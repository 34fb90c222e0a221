/*
 * ASSERTION: print needs a value
 * SECTION: 8.6
 */

BEGIN { print((void)0); exit(0); }
