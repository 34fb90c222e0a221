/*
 * ASSERTION: one field of a description has at most eight groups of *
 * SECTION: 2.6
 */

d*t*r*a*c*e*:::BEGIN
{
	trace("seven do");
}

a*b*c*d*e*f*g*h*i*:::
{
	exit(0);
}
