/*
 * ASSERTION: constant inlines stand where constants must
 * SECTION: 3.9
 */

#pragma D option quiet

inline int SIZE = 2 * 3;
inline int STEP = SIZE / 3;
char buf[SIZE];
BEGIN
{
	@ = lquantize(3, 0, SIZE, STEP);
	printf("%d %d\n", sizeof (buf), SIZE << 2);
	exit(0);
}
