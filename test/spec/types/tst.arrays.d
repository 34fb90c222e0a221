/*
 * ASSERTION: scalar arrays of D are indexed from 0 and hold their element type
 * SECTION: 3.4
 */

#pragma D option quiet

int v[4];
BEGIN
{
	v[0] = 3; v[3] = v[0] * 2; v[1] = 0x100000001;
	i = 3;
	printf("%d %d %d %d, %d\n", v[0], v[1], v[2], v[i], sizeof (v));
	exit(0);
}
