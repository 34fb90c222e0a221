/*
 * ASSERTION: stores narrow to the declared width and extend by its sign
 * SECTION: 3.8
 */

#pragma D option quiet

int8_t a; uint8_t b; int16_t c; uint32_t d;
BEGIN
{
	a = 0x1ff;
	b = 0x1ff;
	c = 0x18000;
	d = -1;
	printf("%d %d %d %d\n", a, b, c, d);
	a++;
	b++;
	printf("%d %d\n", a, b);
	this->x = (char)200;
	printf("%d %d\n", this->x, (unsigned char)this->x);
	exit(0);
}
