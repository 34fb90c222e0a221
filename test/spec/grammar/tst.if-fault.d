/*
 * ASSERTION: a fault inside a branch ends the rest of its clause, not the next clause
 * SECTION: 2.2
 */

#pragma D option quiet

BEGIN
{
	n = 0;
	if (1) {
		n = 1;
		n = *(int *)0;
	}
	n = 2;
}
BEGIN { printf("n %d\n", n); exit(0); }
