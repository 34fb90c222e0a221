/*
 * ASSERTION: ?: with string arms yields a string, and nests to the right
 * SECTION: 2.4
 */

#pragma D option quiet

BEGIN
{
	this->n = 2;
	trace(this->n == 1 ? "one" : this->n == 2 ? "two" : "many");
	exit(0);
}
