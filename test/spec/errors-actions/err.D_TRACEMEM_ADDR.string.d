/*
 * ASSERTION: tracemem takes an address
 * SECTION: 6.1
 */

BEGIN { tracemem("abc", 4); exit(0); }
