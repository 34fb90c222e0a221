/*
 * ASSERTION: pointers to pointers and to arrays
 * SECTION: 3.4
 */

#pragma D option quiet

BEGIN
{
	this->v = (int *)alloca(12);
	this->v[0] = 1;
	this->v[1] = 2;
	this->v[2] = 3;
	this->pp = (int **)alloca(8);
	*this->pp = this->v;
	printf("%d %d %d\n", **this->pp, *(*this->pp + 1), (*this->pp)[2]);
	**this->pp = 10;
	printf("%d %d\n", this->v[0], sizeof (this->pp));
	exit(0);
}
