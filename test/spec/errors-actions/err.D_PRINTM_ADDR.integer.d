/*
 * ASSERTION: printm takes what memref gives
 * SECTION: 6.1
 */

BEGIN { printm(8, 5); exit(0); }
