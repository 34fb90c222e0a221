/*
 * ASSERTION: built-in variables are not incremented
 * SECTION: 4
 */

BEGIN { pid++; exit(0); }
