/*
 * ASSERTION: toupper and tolower change the letters of ASCII only
 * SECTION: 5
 */

#pragma D option quiet

BEGIN
{
	printf("%s %s %d\n", toupper("abC1_z"), tolower("ABc1_Z"), strlen(""));
	exit(0);
}
