/*
 * ASSERTION: letters are no digits
 * SECTION: 1.5
 */

BEGIN { trace(12q); exit(0); }
