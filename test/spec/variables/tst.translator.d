/*
 * ASSERTION: a translator computes the members of its output type from an input
 * SECTION: 3.10
 */

#pragma D option quiet

typedef struct in { int lo, hi; } in_t;
typedef struct out { int64_t both; string name; } out_t;
translator out_t < in_t *p > {
	both = ((int64_t)p->hi << 32) | p->lo;
	name = p->lo ? "some" : "none";
};
BEGIN
{
	this->p = (in_t *)alloca(sizeof (in_t));
	this->p->lo = 5; this->p->hi = 2;
	printf("%x %s\n", xlate <out_t *> (this->p)->both, xlate <out_t> (this->p).name);
	exit(0);
}
