/*
 * ASSERTION: memref() pairs an address with a size; memstr() makes a string of bytes, the last one its NUL
 * SECTION: 5
 */

#pragma D option quiet
BEGIN
{
	this->p = (uint64_t *)alloca(8);
	*this->p = 0x0000630000620061;
	this->pair = memref(this->p, 8);
	printf("%d %d\n", this->pair[0] == (uintptr_t)this->p, this->pair[1]);
	printf("[%s] [%s]\n", memstr(this->p, '-', 8), memstr(this->p, ' ', 3));
	printf("[%s] [%s]\n", memstr(this->p, '-', 1), memstr(this->p, '-', 0));
}
BEGIN { trace(memref((void *)8, 2)[1]); }
BEGIN { trace(memstr((void *)0, '-', 8)); }
BEGIN { exit(0); }
