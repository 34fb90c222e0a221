/*
 * ASSERTION: pointers step by what they point to
 * SECTION: 3.4
 */

#pragma D option quiet

struct s { int a; char c; };
BEGIN
{
	p = (struct s *)0x1000;
	q = p + 3;
	printf("%x %x %d %d\n", (uintptr_t)q, (uintptr_t)(q - 1), q - p, q > p);
	q -= 2;
	q++;
	printf("%x %x\n", (uintptr_t)q, (uintptr_t)&q[2]);
	printf("%x %x\n", (uintptr_t)&p->c, (uintptr_t)&((int *)p)[-1]);
	exit(0);
}
