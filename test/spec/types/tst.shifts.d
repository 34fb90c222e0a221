/*
 * ASSERTION: >> extends the sign of a signed left operand; a count of 64 or more gives 0, or the sign
 * SECTION: 3.3
 */

#pragma D option quiet

BEGIN
{
	this->n = -16;
	this->u = (uint64_t)-16;
	this->c = 2;
	this->big = 64;
	printf("%d %x\n", this->n >> this->c, this->u >> this->c);
	printf("%d %d %d\n", 1 << this->c, 1 << this->big, this->u >> this->big);
	printf("%x\n", 1ull << 63);
	exit(0);
}
