/*
 * ASSERTION: a store to a bit-field leaves its neighbours alone
 * SECTION: 3.4
 */

#pragma D option quiet

struct b { uint16_t lo : 4; uint16_t mid : 8; uint16_t hi : 4; };
union u { struct b bits; uint16_t all; };
union u v;
BEGIN
{
	v.all = 0xffff;
	v.bits.mid = 0;
	printf("%x\n", v.all);
	v.bits.mid |= 0x81;
	v.bits.lo -= 1;
	printf("%x %x %x %x\n", v.all, v.bits.lo, v.bits.mid, v.bits.hi);
	exit(0);
}
