/*
 * ASSERTION: structs nest, hold arrays, and are reached through pointers with ->
 * SECTION: 3.4
 */

#pragma D option quiet

struct inner { int v[3]; };
struct outer { long head; struct inner in; };
BEGIN
{
	this->p = (struct outer *)alloca(sizeof (struct outer));
	this->p->head = 1;
	this->p->in.v[0] = 10; this->p->in.v[2] = 30;
	printf("%d %d %d %d\n", this->p->head, this->p->in.v[0], this->p->in.v[1], this->p->in.v[2]);
	this->q = &this->p->in;
	printf("%d %d\n", this->q->v[2], sizeof (struct outer));
	exit(0);
}
