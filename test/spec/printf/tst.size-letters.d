/*
 * ASSERTION: size letters need not match the argument's size
 * SECTION: 8.2
 */

#pragma D option quiet

BEGIN
{
	printf("%ld %lld %lx %llu\n", (int64_t)-5, (int64_t)-5, (uint64_t)255, (uint64_t)7);
	printf("%hd %hx\n", (short)-2, (unsigned short)65535);
	exit(0);
}
