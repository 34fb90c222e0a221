/*
 * ASSERTION: constants fold with 64 bits
 * SECTION: 3.3
 */

#pragma D option quiet

int a[(1 << 3) + sizeof (int)];
struct s { int x : 2 + 1; };
enum { A = 1 + 2 * 3, B = A << 1, C = ~0 };
BEGIN
{
	printf("%d %d %d %d\n", sizeof (a), A, B, C);
	printf("%d %x\n", 1 ? 2 : 3, 0xffffffff + 1);
	printf("%d %d\n", 5 && 0, 5 ^^ 0);
	exit(0);
}
