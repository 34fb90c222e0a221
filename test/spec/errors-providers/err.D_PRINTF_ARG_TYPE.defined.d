/*
 * ASSERTION: a provider definition says which types args[] have
 * SECTION: 13.3
 * ARGS: -Z
 */

provider app { probe a__b(int number, string text); };
app123:::a-b { printf("%d %d", args[0], args[1]); }
