/*
 * ASSERTION: stringof takes strings, char arrays and addresses
 * SECTION: 3.2
 */

#pragma D option quiet

char buf[6];
BEGIN
{
	buf[0] = 'a';
	buf[1] = 'b';
	this->p = (char *)alloca(4);
	bcopy((char *)"xyz", this->p, 4);
	printf("%s %s %s\n", stringof(buf), stringof(this->p), stringof("lit"));
	printf("%s %s\n", stringof(this->p + 1), (string)this->p);
	printf("%d %d\n", stringof(this->p) == "xyz", this->p == "xyz");
	exit(0);
}
