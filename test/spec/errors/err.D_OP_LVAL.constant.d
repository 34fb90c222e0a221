/*
 * ASSERTION: only a variable or memory can be assigned
 * SECTION: 11
 */

BEGIN { 1 = 2; exit(0); }
