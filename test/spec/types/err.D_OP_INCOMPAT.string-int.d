/*
 * ASSERTION: a string and an integer are not assigned to one another
 * SECTION: 3.6
 */

BEGIN { s = "a"; s = 1; exit(0); }
