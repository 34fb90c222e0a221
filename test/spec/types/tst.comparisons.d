/*
 * ASSERTION: comparisons are signed or unsigned by the operand of higher rank
 * SECTION: 3.3
 */

#pragma D option quiet

BEGIN
{
	this->i = -1;
	this->u = (unsigned int)1;
	this->l = (int64_t)-1;
	this->ul = (uint64_t)1;
	printf("%d %d\n", this->i < 1, this->l < this->ul);
	printf("%d %d\n", this->l < this->u, this->ul > -1);
	exit(0);
}
