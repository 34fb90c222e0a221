/*
 * ASSERTION: llquantize counts linearly within each power of its factor
 * SECTION: 7.3
 */

#pragma D option quiet

BEGIN
{
	@ = llquantize(1, 10, 0, 2, 10); @ = llquantize(9, 10, 0, 2, 10); @ = llquantize(10, 10, 0, 2, 10);
	@ = llquantize(11, 10, 0, 2, 10); @ = llquantize(250, 10, 0, 2, 10); @ = llquantize(999, 10, 0, 2, 10);
	@ = llquantize(1000, 10, 0, 2, 10);
	exit(0);
}
