/*
 * ASSERTION: an absent dynamic string is NULL and compares as the empty string; storing NULL deletes
 * SECTION: 3.8
 */

#pragma D option quiet

string s;
self string t;
string a[int];
BEGIN
{
	printf("<%s> <%s> %d %d %d\n", s, self->t, s == "", self->t == NULL, self->t == "");
	self->t = "text"; a[3] = "";
	printf("%d %d\n", self->t != NULL, a[3] == NULL);
	self->t = NULL;
	printf("%d <%s>\n", self->t == NULL, self->t);
	exit(0);
}
