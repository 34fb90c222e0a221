/*
 * ASSERTION: a clause that took no branch with a recording action prints no row, as one whose predicate does not hold
 * SECTION: 2.2
 */

int n;

BEGIN { if (n) { trace("not taken"); } }
BEGIN { if (n) { exit(1); } else if (n + 1) { trace("taken"); } }
BEGIN { if (n) { trace(n); } n = 1; }
BEGIN { if (n) { exit(0); } }
