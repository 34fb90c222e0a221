/*
 * ASSERTION: aggsortkey sorts by key, aggsortkeypos chooses the key, aggsortrev turns all round
 * SECTION: 7.5
 * ARGS: -x aggsortkey -x aggsortkeypos=1 -x aggsortrev
 */

#pragma D option quiet

BEGIN { @["a", 1] = sum(5); @["b", 3] = sum(1); @["c", 2] = sum(9); exit(0); }
