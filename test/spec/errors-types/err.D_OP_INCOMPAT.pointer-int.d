/*
 * ASSERTION: a number is no pointer without a cast
 * SECTION: 3.4
 */

BEGIN { p = (int *)0; p = 5; exit(0); }
