/*
 * ASSERTION: if and else choose statements, else belongs to the nearest if, and chains work
 * SECTION: 2.2
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec:::0x80
{
	n++;
	if (n == 1)
		printf("one\n");
	else if (n == 2) {
		printf("two\n");
	} else if (n > 2)
		if (n > 3)
			printf("more\n");
		else
			printf("three\n");
	if (n == 4) { exit(0); }
}
