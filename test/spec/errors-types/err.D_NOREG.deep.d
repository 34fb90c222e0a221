/*
 * ASSERTION: an expression has as many intermediate results as there are registers
 * SECTION: 3.3
 */

BEGIN
{
	x = 1;
	trace(x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x + (x)))))))))))))))))))))))))))))))));
	exit(0);
}
