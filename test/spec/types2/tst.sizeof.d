/*
 * ASSERTION: sizes are constants, and what is measured is not evaluated
 * SECTION: 3.4
 */

#pragma D option quiet

struct s { char c; long l; char t[3]; };
BEGIN
{
	i = 0;
	printf("%d %d %d %d\n", sizeof (char), sizeof (short), sizeof (long), sizeof (void *));
	printf("%d %d %d %d\n", sizeof (struct s), sizeof (struct s *), sizeof "abc", sizeof (string));
	printf("%d %d\n", sizeof (i++), i);
	printf("%d %d %d\n", offsetof(struct s, c), offsetof(struct s, l), offsetof(struct s, t));
	printf("%d %d\n", sizeof (1L), sizeof (in6_addr_t));
	exit(0);
}
