/*
 * ASSERTION: a translated pointer is not printed
 * SECTION: 6.1
 */

struct out { int a; int b; };
translator struct out < int i > { a = i; };
BEGIN { print(xlate < struct out * > (1)); exit(0); }
