/*
 * ASSERTION: a translated pointer cannot be stored
 * SECTION: 3.10
 */

struct out { int a; int b; };
translator struct out < int i > { a = i; };
BEGIN { p = xlate < struct out * > (1); exit(0); }
