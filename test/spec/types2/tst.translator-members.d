/*
 * ASSERTION: a translator may leave members out and call subroutines
 * SECTION: 3.10
 */

#pragma D option quiet

struct out { int n; string s; long unused; };
translator struct out < int i > { n = i * 2; s = strjoin("n", lltostr(i)); };
BEGIN
{
	printf("%d %s\n", xlate < struct out > (21).n, xlate < struct out * > (7)->s);
	this->o = xlate < struct out > (5);
	printf("%d %s %d\n", this->o.n, this->o.s, this->o.unused);
	exit(0);
}
