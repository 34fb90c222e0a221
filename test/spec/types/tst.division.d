/*
 * ASSERTION: division and remainder truncate toward zero when signed, and are unsigned when the result type is
 * SECTION: 3.3
 */

#pragma D option quiet

BEGIN
{
	printf("%d %d %d %d\n", -7 / 2, -7 % 2, 7 / -2, 7 % -2);
	this->u = (uint64_t)-1;
	printf("%d %d\n", this->u / 2, this->u % 10);
	this->big = (int64_t)1 << 63;
	this->one = -1;
	printf("%d %d\n", this->big / this->one, this->big % this->one);
	exit(0);
}
