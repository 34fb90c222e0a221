/*
 * ASSERTION: %p prints hexadecimal without 0x, and %? makes a field as wide as a pointer
 * SECTION: 8.2
 */

#pragma D option quiet

BEGIN
{
	printf("%p %p [%?x] [%16p]\n", (void *)0xffff8000, 255, 18, 18);
	exit(0);
}
