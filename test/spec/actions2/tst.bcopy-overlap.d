/*
 * ASSERTION: bcopy takes source, destination, size; within one piece too
 * SECTION: 5
 */

#pragma D option quiet


BEGIN {
	p = (char *)alloca(8);
	p[0] = 'a'; p[1] = 'b'; p[2] = 'c'; p[3] = 'd';
	bcopy(p, p + 2, 4);
	printf("%s\n", stringof(p));
	exit(0);
}
