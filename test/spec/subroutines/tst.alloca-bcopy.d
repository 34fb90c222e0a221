/*
 * ASSERTION: alloca gives zeroed scratch, and bcopy fills it
 * SECTION: 5
 */

#pragma D option quiet

BEGIN
{
	this->p = (char *)alloca(8);
	this->z = alloca(0);
	*(int *)this->p = 0x64636261;
	this->q = (char *)alloca(8);
	bcopy(this->p + 1, this->q, 3);
	printf("%s %s %d\n", stringof(this->p), stringof(this->q), this->q[7]);
	exit(0);
}
