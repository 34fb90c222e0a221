/*
 * ASSERTION: bit-fields are packed from bit 0, extended by their type's sign, and stores leave their neighbours alone
 * SECTION: 3.4
 */

#pragma D option quiet

struct flags { unsigned int low : 3; int mid : 5; unsigned int high : 24; };
struct flags f;
BEGIN
{
	f.low = 5; f.mid = -3; f.high = 0xabcdef;
	printf("%d %d %x\n", f.low, f.mid, f.high);
	f.mid = 17; f.low = 9;
	printf("%d %d %x %d\n", f.low, f.mid, f.high, sizeof (struct flags));
	exit(0);
}
