/*
 * ASSERTION: aggsortrev turns everything round, the aggregations, too
 * SECTION: 7.5
 * ARGS: -x aggsortrev
 */

#pragma D option quiet

BEGIN { @z[1] = sum(1); @z[2] = sum(2); @a[1] = sum(7); @a[0] = sum(7); exit(0); }
