/*
 * ASSERTION: printa without a format prints a newline first, and its aggregation is not printed again at the end
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN { @a[1] = count(); @b[2] = count(); }
BEGIN { printf("now:"); printa(@a); printf("done\n"); exit(0); }
