/*
 * ASSERTION: progenyof knows the process itself
 * SECTION: 5
 */

#pragma D option quiet
BEGIN
{
	printf("%d %d\n", progenyof($pid), progenyof(-5));
	exit(0);
}
