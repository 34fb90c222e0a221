/*
 * ASSERTION: index and rindex, all their edges
 * SECTION: A.1
 */

#pragma D option quiet

BEGIN {
	printf("%d ", index("hello world","o"));
	printf("%d ", index("hello world","o",5));
	printf("%d ", index("hello world","o",8));
	printf("%d ", index("hello",""));
	printf("%d ", index("hello","",9));
	printf("%d ", index("","x"));
	printf("%d ", index("",""));
	printf("%d ", rindex("hello world","o"));
	printf("%d ", rindex("hello world","o",5));
	printf("%d ", rindex("hello world","o",-1));
	printf("%d ", rindex("hello",""));
	printf("%d ", rindex("hello","",-3));
	exit(0);
}
