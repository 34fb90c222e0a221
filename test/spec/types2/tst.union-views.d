/*
 * ASSERTION: the members of a union share their bytes
 * SECTION: 3.4
 */

#pragma D option quiet

union v { uint64_t q; uint32_t d[2]; uint8_t b[8]; };
union v u;
BEGIN
{
	u.q = 0x1122334455667788;
	printf("%x %x %x %x\n", u.d[0], u.d[1], u.b[0], u.b[7]);
	u.b[0] = 0xff;
	printf("%x %d\n", u.q, sizeof (u));
	exit(0);
}
