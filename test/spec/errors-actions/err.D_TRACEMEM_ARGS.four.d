/*
 * ASSERTION: tracemem takes at most three arguments
 * SECTION: 6.1
 */

BEGIN { tracemem(alloca(4), 4, 1, 2); exit(0); }
