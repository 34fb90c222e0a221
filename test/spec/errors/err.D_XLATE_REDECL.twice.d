/*
 * ASSERTION: one translator per pair of types
 * SECTION: 11
 */

struct out { int a; };
translator struct out < int i > { a = i; };
translator struct out < int i > { a = i + 1; };
BEGIN { exit(0); }
