/*
 * ASSERTION: floating-point conversions of values in memory
 * SECTION: 8.2
 */

#pragma D option quiet

BEGIN
{
	this->p = (uint64_t *)alloca(8);
	*this->p = 0xc0934a0000000000;		/* -1234.5 */
	this->d = (double *)this->p;
	printf("%f|%.1f|%e|%.2E|%g|%G\n", *this->d, *this->d, *this->d, *this->d, *this->d, *this->d);
	printf("%12.2f|%-12.2f|%012.2f|%+f\n", *this->d, *this->d, *this->d, *this->d);
	*this->p = 0x3ee4f8b588e368f1;		/* 1e-5 */
	printf("%f|%e|%g|%+g|% g\n", *this->d, *this->d, *this->d, *this->d, *this->d);
	*this->p = 0x7ff0000000000000;
	printf("%f|%5g|%G\n", *this->d, *this->d, *this->d);
	exit(0);
}
