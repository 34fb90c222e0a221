/*
 * ASSERTION: there is no promotion: the result has the type of the operand of higher rank, and 64 bits until it is recorded
 * SECTION: 3.3
 */

#pragma D option quiet

char c;
BEGIN
{
	c = 100;
	printf("%d %d\n", sizeof (c + c), sizeof (c + 1));
	printf("%d %d\n", sizeof (1 + 1u), sizeof (1u + 1l));
	x = 2147483647 + (int64_t)1;
	printf("%d\n", x);
	exit(0);
}
