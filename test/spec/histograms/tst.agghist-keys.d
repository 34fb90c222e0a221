/*
 * ASSERTION: agghist right-justifies keys and draws one bar per entry
 * SECTION: 7.5
 * ARGS: -x agghist
 */

#pragma D option quiet

BEGIN { @a["read", 1] = sum(30); @a["write", 2] = sum(10); @b[7] = count(); @c = avg(5); exit(0); }
