/*
 * ASSERTION: the ends of 64-bit integers
 * SECTION: 8.2
 */

#pragma D option quiet

BEGIN
{
	this->low = (int64_t)1 << 63;
	printf("%d %i %u %x %o\n", this->low, this->low, this->low, this->low, this->low);
	printf("%d %d %'d\n", (uint64_t)-1, this->low - 1, this->low);
	exit(0);
}
