/*
 * ASSERTION: getmajor and getminor take a Linux device number apart
 * SECTION: 5
 */

#pragma D option quiet

BEGIN
{
	printf("%d %d\n", getmajor((8 << 20) | 17), getminor((8 << 20) | 17));
	exit(0);
}
