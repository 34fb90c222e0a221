/*
 * ASSERTION: a provider definition says how many args[] a probe has
 * SECTION: 13.3
 * ARGS: -Z
 */

provider app { probe a__b(int number, string text); };
app*:::a-b { trace(args[2]); }
