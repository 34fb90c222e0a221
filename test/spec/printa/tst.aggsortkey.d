/*
 * ASSERTION: aggsortkey sorts by key and then by aggregation
 * SECTION: 7.5
 * ARGS: -x aggsortkey
 */

#pragma D option quiet

BEGIN { @z[2] = sum(1); @z[1] = sum(2); @a[1] = sum(7); @a[0] = sum(9); exit(0); }
