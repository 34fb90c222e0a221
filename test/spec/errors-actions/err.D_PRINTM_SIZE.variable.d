/*
 * ASSERTION: the size of printm is a constant
 * SECTION: 6.1
 */

BEGIN { x = 8; printm(x, memref(alloca(8), 8)); exit(0); }
