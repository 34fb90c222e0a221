/*
 * ASSERTION: bcopy takes addresses
 * SECTION: 5
 */

BEGIN { bcopy(1, alloca(4), 4); exit(0); }
