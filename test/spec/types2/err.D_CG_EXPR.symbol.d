/*
 * ASSERTION: a symbolic address is no number
 * SECTION: 3.1
 */

BEGIN { x = sym(0x1000) + 1; exit(0); }
