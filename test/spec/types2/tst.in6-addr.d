/*
 * ASSERTION: struct in6_addr has Linux's views of its bytes, and s6_addr
 * SECTION: 3.1
 */

#pragma D option quiet

struct in6_addr *p;

BEGIN
{
	p = (struct in6_addr *)alloca(sizeof (struct in6_addr));
	p->in6_u.u6_addr8[0] = 0xfe;
	p->in6_u.u6_addr32[3] = htonl(5);
	printf("%s %d %d\n", inet_ntoa6(p), p->s6_addr[15], sizeof (struct in6_addr));
	exit(0);
}
