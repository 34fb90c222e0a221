/*
 * ASSERTION: lltostr in every base
 * SECTION: A.1
 */

#pragma D option quiet

BEGIN {
	printf("%s ", lltostr(0));
	printf("%s ", lltostr(0,16));
	printf("%s ", lltostr(0,8));
	printf("%s ", lltostr(0,2));
	printf("%s ", lltostr(255,16));
	printf("%s ", lltostr(255,8));
	printf("%s ", lltostr(255,2));
	printf("%s ", lltostr(-1));
	printf("%s ", lltostr(-1,16));
	printf("%s ", lltostr(35,36));
	printf("%s ", lltostr(-1,8));
	exit(0);
}
