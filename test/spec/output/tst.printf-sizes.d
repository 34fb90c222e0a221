/*
 * ASSERTION: values print at their own size, whatever the size letters
 * SECTION: 8.2
 */

#pragma D option quiet

BEGIN
{
	printf("%x %x %x %x\n", (char)-1, (short)-1, -1, (long)-1);
	printf("%d %d %u %u\n", (char)200, (unsigned char)200, (char)-1, (short)-1);
	printf("%hd %ld %lld %hx %lx %llx\n", 70000, 1, (short)-2, 0x12345, (char)-1, -1);
	printf("%i %d\n", 4294967295u, 4294967295u);
	printf("%o %o\n", (short)-1, 8);
	exit(0);
}
