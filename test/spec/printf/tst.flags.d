/*
 * ASSERTION: flags, widths and precisions are C's
 * SECTION: 8.1
 */

#pragma D option quiet

BEGIN
{
	printf("[%5d] [%-5d] [%05d] [%+d] [% d]\n", 42, 42, 42, 42, 42);
	printf("[%#x] [%#o] [%8.3d] [%.0s] [%.2s] [%5s]\n", 255, 8, 7, "abc", "abc", "abc");
	printf("[%*d] [%-*d] [%.*s] [%*d]\n", 6, 42, 6, 42, 2, "abcdef", -4, 7);
	exit(0);
}
