/*
 * ASSERTION: an output argument comes from the input
 * SECTION: 13.3
 */

struct out { int a; };
provider app { probe a(int i) : (struct out *i); };
BEGIN { exit(0); }
