/*
 * ASSERTION: a translator is for its input type
 * SECTION: 3.10
 */

struct out { int a; int b; };
translator struct out < int i > { a = i; };
BEGIN { trace(xlate < struct out > ("a").a); exit(0); }
