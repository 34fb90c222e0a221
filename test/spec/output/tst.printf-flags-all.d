/*
 * ASSERTION: every flag alone and with others
 * SECTION: 8.1
 */

#pragma D option quiet

BEGIN
{
	printf("[%5d][%-5d][%05d][%+d][% d][%+ d][%'d]\n", 42, 42, 42, 42, 42, 42, 1234567);
	printf("[%#o][%#x][%#X][%#o][%#x]\n", 8, 255, 255, 0, 0);
	printf("[%-05d][%0-5d][%+05d][% 05d][%-+5d]\n", 42, 42, 42, 42, 42);
	printf("[%.4d][%8.4d][%-8.4d][%08.4d][%+.4d]\n", -42, -42, -42, -42, 42);
	printf("[%'12d][%-'12d][%'d][%'u][%'d]\n", 1234567, 1234567, -1234567, 4294967295, 999);
	exit(0);
}
