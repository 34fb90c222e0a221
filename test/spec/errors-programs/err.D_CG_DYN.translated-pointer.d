/*
 * ASSERTION: a translated pointer is no value
 * SECTION: 3.10
 */

struct out { int a; int b; };
translator struct out < int i > { a = i; };
BEGIN { xlate < struct out * > (1); exit(0); }
