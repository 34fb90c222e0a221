/*
 * ASSERTION: a translator has no args[] of its own
 * SECTION: 4
 */

struct out { int a; int b; };
translator struct out < int i > { a = args[0]; };
BEGIN { exit(0); }
