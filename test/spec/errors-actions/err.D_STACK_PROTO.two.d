/*
 * ASSERTION: stack takes one argument
 * SECTION: 6.1
 */

BEGIN { stack(1, 2); exit(0); }
