/*
 * ASSERTION: a translator sets members that there are
 * SECTION: 3.10
 */

struct out { int a; int b; };
translator struct out < int i > { c = 1; };
BEGIN { exit(0); }
