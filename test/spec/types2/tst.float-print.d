/*
 * ASSERTION: floating-point values are read and printed
 * SECTION: 3.4
 */

#pragma D option quiet

BEGIN
{
	this->q = (uint64_t *)alloca(8);
	*this->q = 0x400921fb54442d18;
	this->d = (double *)this->q;
	printf("%.4f\n", *this->d);
	exit(0);
}
