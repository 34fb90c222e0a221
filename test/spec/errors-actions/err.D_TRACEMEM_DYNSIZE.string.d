/*
 * ASSERTION: the dynamic size is a number
 * SECTION: 6.1
 */

BEGIN { tracemem(alloca(4), 4, "a"); exit(0); }
