/*
 * ASSERTION: a variable keeps the type of its first assignment
 * SECTION: 3.8
 */

BEGIN { x = 1; x = "a"; exit(0); }
