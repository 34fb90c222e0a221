/*
 * ASSERTION: anonymous structs, typedefs of enums, arrays of arrays, pointers to functions, and updates
 * SECTION: 2.3
 */

#pragma D option quiet
struct { int a; string s; } anon;
typedef enum { A, B = 7 } e_t;
e_t ev;
int m[2][3];
this struct { int q; short r[2]; } loc;
self int tl[int, string];
const char *cp;
extern int proto(int, char *);
typedef int (*fnp)(int);
fnp fp;
string names[int];
char grid[2][4];
struct s { const char *p; volatile int v; e_t e; };
struct s sv;
BEGIN
{
	anon.a = 3; anon.s = "str";
	ev = B;
	m[1][2] = 5; m[0][1] = 4;
	this->loc.q = 9; this->loc.r[1] = -2;
	self->tl[1, "a"] = 4;
	cp = "hello";
	fp = 0;
	names[3] = "three";
	grid[1][2] = 'z';
	sv.e = B; sv.v = 4;
	printf("%d %s %d %d %d %d\n", anon.a, anon.s, ev == B, m[1][2], m[0][1], sizeof (m));
	printf("%d %d %d %s %d\n", this->loc.q, this->loc.r[1], self->tl[1, "a"], stringof(cp), fp == NULL);
	printf("%s %c %d %d\n", names[3], grid[1][2], sv.e, sizeof (struct s));
	printf("%d\n", sizeof (anon));
	printf("%s\n", names[4]);
	x = (int)3000000000; printf("%d\n", x);
	printf("%d %d\n", (char)300, (unsigned short)-1);
	y = 5; y <<= 2; y |= 1; y ^= 3; y %= 7; printf("%d\n", y);
	printf("%d\n", (1, 2));
	z = w = 4; printf("%d %d\n", z, w);
	printf("%d %d %d\n", 7 & 3, 6 ^ 3, ~5);
	printf("%d\n", 'ab');
	printf("%x\n", (uint32_t)-1);
	exit(0);
}
