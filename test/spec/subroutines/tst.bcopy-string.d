/*
 * ASSERTION: a string goes where an address does: bcopy takes one as its source
 * SECTION: 5
 */

#pragma D option quiet

BEGIN
{
	this->p = (char *)alloca(16);
	bcopy("literal", this->p, 8);
	printf("%s\n", stringof(this->p));
	bcopy(probename, this->p, 6);
	printf("%s\n", stringof(this->p));
	bcopy(strjoin("jo", "in"), this->p, 5);
	printf("%s\n", stringof(this->p));
	s = "variable";
	bcopy(s, this->p, 9);
	printf("%s\n", stringof(this->p));
	a["k"] = "element";
	bcopy(a["k"], this->p, 3);
	printf("%s\n", stringof(this->p));
	exit(0);
}
