/*
 * ASSERTION: a translated object is no operand of a comma
 * SECTION: 3.10
 */

struct out { int a; int b; };
translator struct out < int i > { a = i; };
BEGIN { trace((1, xlate < struct out > (1))); exit(0); }
