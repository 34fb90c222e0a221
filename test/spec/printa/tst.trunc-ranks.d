/*
 * ASSERTION: trunc keeps the highest or the lowest, ties by key; truncated keys begin anew
 * SECTION: 7.7
 */

#pragma D option quiet

BEGIN
{
	@a[1] = sum(5); @a[2] = sum(1); @a[3] = sum(9); @a[4] = sum(5); @a[5] = sum(-2);
	@b[1] = sum(5); @b[2] = sum(1); @b[3] = sum(9); @b[4] = sum(5); @b[5] = sum(-2);
}
BEGIN { trunc(@a, 2); trunc(@b, -2); printa("%d %@d\n", @a); printf("-\n"); printa("%d %@d\n", @b); printf("-\n"); }
BEGIN { @a[5] = sum(1); @a[3] = sum(1); }
BEGIN { printa("%d %@d\n", @a); exit(0); }
