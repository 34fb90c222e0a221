/*
 * ASSERTION: a function is not read
 * SECTION: 3.4
 */

typedef int fn(int);
BEGIN { trace(*(fn *)0); exit(0); }
