/*
 * ASSERTION: an expression that calls copyout is destructive, so it may not follow speculate
 * SECTION: 6.2
 */
BEGIN
{
	speculate(1);
	copyout(alloca(4), 16, 4);
}
