/*
 * ASSERTION: comparison and division follow the type of higher rank
 * SECTION: 3.3
 */

#pragma D option quiet

BEGIN
{
	i = -1;
	u = 1u;
	l = -1L;
	printf("%d %d %d\n", i < u, l < u, i < l + 1);
	printf("%d %u\n", l / 2, (uint64_t)l / 2);
	printf("%d %x\n", l >> 4, (uint64_t)l >> 60);
	printf("%d %d\n", -7 / 2, -7 % 2);
	exit(0);
}
