/*
 * ASSERTION: a member is of its declared type
 * SECTION: 3.10
 */

struct out { int a; int b; };
translator struct out < int i > { a = "one"; };
BEGIN { exit(0); }
