/*
 * ASSERTION: arguments may go over several lines, and lines after them keep their numbers
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define ADD(a, b) ((a) + (b))
BEGIN {
	printf("%d\n", ADD(1,
	    /* two
	     * lines */
	    2));
	printf("%d\n", __LINE__);
	exit(0);
}
