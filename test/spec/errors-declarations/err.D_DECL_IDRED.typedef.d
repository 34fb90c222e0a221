/*
 * ASSERTION: a typedef keeps its meaning
 * SECTION: 2.3
 */

typedef int t;
typedef long t;
BEGIN { exit(0); }
