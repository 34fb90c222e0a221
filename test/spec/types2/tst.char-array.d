/*
 * ASSERTION: a char array is assigned to and compared with strings
 * SECTION: 3.2
 */

#pragma D option quiet

struct s { char name[8]; };
struct s v;
BEGIN
{
	v.name[0] = 'h';
	v.name[1] = 'i';
	s = stringof(v.name);
	printf("%s %d %d %d\n", s, s == "hi", strlen(v.name), v.name == "hi");
	printf("%c%c\n", s[0], "xyz"[1]);
	exit(0);
}
