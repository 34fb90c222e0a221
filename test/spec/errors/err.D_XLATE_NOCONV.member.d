/*
 * ASSERTION: a member that the translator leaves out cannot be read
 * SECTION: 11
 */

struct out { int a; int b; };
translator struct out < int i > { a = i; };
BEGIN { trace(xlate <struct out> (1).b); exit(0); }
