/*
 * ASSERTION: a typedef names a type; a type name in front of a name that is assigned stays usable
 * SECTION: 2.3
 */

#pragma D option quiet

typedef unsigned short port_t;
typedef struct pair { port_t a, b; } pair_t;
pair_t p;
BEGIN
{
	p.a = 70000; p.b = (port_t)-1;
	printf("%d %d %d\n", p.a, p.b, sizeof (pair_t));
	exit(0);
}
