/*
 * ASSERTION: members of members, through pointers and arrays
 * SECTION: 3.4
 */

#pragma D option quiet

struct leaf { short v[2]; };
struct tree { struct leaf l[2]; struct tree *up; union { int i; char c[4]; } u; };
BEGIN
{
	this->t = (struct tree *)alloca(sizeof (struct tree));
	this->s = (struct tree *)alloca(sizeof (struct tree));
	this->t->up = this->s;
	this->t->up->l[1].v[1] = -5;
	this->t->u.i = 0x41424344;
	printf("%d %c%c %d\n", this->s->l[1].v[1], this->t->u.c[0], this->t->u.c[3], sizeof (struct tree));
	exit(0);
}
