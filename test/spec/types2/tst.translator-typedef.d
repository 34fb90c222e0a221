/*
 * ASSERTION: the type of a translator may be named by a typedef
 * SECTION: 3.10
 */

#pragma D option quiet

typedef struct { int n; } out_t;
typedef int number_t;
translator out_t < number_t x > { n = -x; };
inline out_t *negated = xlate < out_t * > ((number_t)8);
BEGIN
{
	printf("%d %d\n", xlate < out_t > ((number_t)3).n, negated->n);
	exit(0);
}
