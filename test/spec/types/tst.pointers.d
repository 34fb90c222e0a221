/*
 * ASSERTION: pointer arithmetic scales by the size pointed to, and a difference counts elements
 * SECTION: 3.4
 */

#pragma D option quiet

BEGIN
{
	this->p = (int *)alloca(16);
	*this->p = 1; *(this->p + 1) = 2; this->p[2] = 3;
	this->q = this->p + 2;
	printf("%d %d %d %d\n", *this->p, this->p[1], *this->q, this->q - this->p);
	this->q--;
	printf("%d %d\n", *this->q, (uintptr_t)this->q - (uintptr_t)this->p);
	this->c = (char *)this->p;
	printf("%d %d\n", this->c[4], this->c[5]);
	exit(0);
}
