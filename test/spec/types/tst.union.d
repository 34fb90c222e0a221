/*
 * ASSERTION: members of a union share their bytes, least significant first
 * SECTION: 3.4
 */

#pragma D option quiet

union word { uint32_t whole; uint16_t half[2]; uint8_t byte[4]; };
union word w;
BEGIN
{
	w.whole = 0x11223344;
	printf("%x %x %x %d\n", w.half[0], w.byte[0], w.byte[3], sizeof (union word));
	w.byte[3] = 0xff;
	printf("%x\n", w.whole);
	exit(0);
}
