/*
 * ASSERTION: inlines take arguments, nest, and convert to their type
 * SECTION: 3.9
 */

#pragma D option quiet

inline int larger[int a, int b] = a > b ? a : b;
inline int largest[int a, int b, int c] = larger[a, larger[b, c]];
inline uint8_t low[long x] = x;
inline string name[int x] = x == 0 ? "zero" : x == 1 ? "one" : "many";
BEGIN
{
	printf("%d %d %d %d\n", larger[1, 2], larger[-1, -2], largest[4, 9, 2], low[0x1ff]);
	printf("%s %s %s\n", name[0], name[1], name[7]);
	exit(0);
}
