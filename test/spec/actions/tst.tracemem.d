/*
 * ASSERTION: tracemem dumps bytes in hex and as text; a third argument cuts what is printed
 * SECTION: 8.5
 */

BEGIN
{
	this->p = (char *)alloca(32);
	*(int64_t *)this->p = 0x756e694c0a4f4b20;
	this->p[18] = '!';
	tracemem(this->p, 20);
	this->n = 3;
	tracemem(this->p, 20, this->n);
	exit(0);
}
