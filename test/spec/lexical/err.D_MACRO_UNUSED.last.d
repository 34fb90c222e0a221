/*
 * ASSERTION: a last argument that nothing refers to is an error
 * SECTION: 1.9
 * OPERANDS: 1 surplus
 */

BEGIN
{
	trace($1);
	exit(0);
}
