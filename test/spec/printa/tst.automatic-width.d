/*
 * ASSERTION: %*d is as wide as the widest of its column
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN
{
	@["a"] = sum(1); @["bcd"] = sum(22); @["ef"] = sum(-333);
	printa("[%*s][%@*d]\n", @);
	printa("[%-*s][%-@*d]\n", @);
	exit(0);
}
