/*
 * ASSERTION: with argref surplus arguments are allowed
 * SECTION: 1.9
 * OPERANDS: 1 surplus
 */

#pragma D option quiet

#pragma D option argref
BEGIN
{
	trace($1);
	exit(0);
}
