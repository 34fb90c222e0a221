/*
 * ASSERTION: a void expression is not printed
 * SECTION: 6.1
 */

BEGIN { print((void)1); exit(0); }
