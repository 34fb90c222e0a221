/*
 * ASSERTION: width and precision from arguments; a negative width justifies to the left
 * SECTION: 8.1
 */

#pragma D option quiet

BEGIN
{
	printf("[%*d][%*d][%.*d][%*.*d]\n", 6, 42, -6, 42, 4, 42, 8, 3, 42);
	printf("[%*s][%-*s][%.*s][%*.*s]\n", 5, "ab", 5, "ab", 1, "ab", 6, 2, "abcdef");
	printf("[%.*s][%.0s][%.*d]\n", 0, "whole", "whole", -1, 42);
	exit(0);
}
