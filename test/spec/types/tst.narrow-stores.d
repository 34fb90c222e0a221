/*
 * ASSERTION: an integer variable keeps its declared width: stores truncate, loads extend by its sign
 * SECTION: 3.8
 */

#pragma D option quiet

int8_t c;
uint8_t uc;
short s;
uint16_t us;
int i;
BEGIN
{
	c = 0x1ff; uc = 0x1ff; s = 0x18000; us = 0x18000; i = 0x1ffffffff;
	printf("%d %d %d %d %d\n", c, uc, s, us, i);
	uc = 255; uc++; c = 127; c++; us = 0; us--;
	printf("%d %d %d\n", uc, c, us);
	i = 0x7fffffff; i += 1;
	printf("%d\n", i);
	exit(0);
}
