/*
 * ASSERTION: substr, all its edges
 * SECTION: A.1
 */

#pragma D option quiet

BEGIN {
	printf("[%s]", substr("abcdef",2));
	printf("[%s]", substr("abcdef",2,2));
	printf("[%s]", substr("abcdef",-2));
	printf("[%s]", substr("abcdef",-3,2));
	printf("[%s]", substr("abcdef",-10));
	printf("[%s]", substr("abcdef",-10,5));
	printf("[%s]", substr("abcdef",-10,6));
	printf("[%s]", substr("abcdef",1,-1));
	printf("[%s]", substr("abcdef",1,-5));
	printf("[%s]", substr("abcdef",6));
	printf("[%s]", substr("abcdef",3,0));
	printf("[%s]", substr("",0));
	exit(0);
}
