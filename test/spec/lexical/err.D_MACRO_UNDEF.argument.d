/*
 * ASSERTION: an argument that is not given is an error
 * SECTION: 1.9
 * OPERANDS: 1
 */

BEGIN
{
	trace($1 + $2);
	exit(0);
}
