/*
 * ASSERTION: a single drop is told in the singular
 * SECTION: 9.9
 * ARGS: -x dynvarsize=64
 */

#pragma D option quiet


BEGIN { a["a key that alone is longer than all the room there is"] = 1; }
BEGIN { printf("%d\n", a["a key that alone is longer than all the room there is"]); exit(0); }
