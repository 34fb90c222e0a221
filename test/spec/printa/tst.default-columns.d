/*
 * ASSERTION: keys and values stand in the columns of their size
 * SECTION: 7.5
 */

#pragma D option quiet

BEGIN { @["s", 1, (short)2, (char)3, (long)4] = count(); exit(0); }
