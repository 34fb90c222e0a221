/*
 * ASSERTION: enumerators are constants: sizes of arrays too
 * SECTION: 3.7
 */

#pragma D option quiet

enum { COUNT = 4 };
int a[COUNT];
BEGIN
{
	a[COUNT - 1] = 9;
	printf("%d %d\n", sizeof (a), a[3]);
	exit(0);
}
