/*
 * ASSERTION: an aggregation without entries prints nothing but the newline of the plain form
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN /0/ { @a = count(); }
BEGIN { printa("never %@d\n", @a); printa(@a); printf("|\n"); }
BEGIN { @b = count(); }
BEGIN { trunc(@b); exit(0); }
