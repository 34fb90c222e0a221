/*
 * ASSERTION: a thread-local may be an associative array
 * SECTION: 2.3
 */

#pragma D option quiet

self int a[string, int];
BEGIN
{
	self->a["k", 1] = 7;
	self->b["x"] = "text";
	printf("%d %d %s\n", self->a["k", 1], self->a["k", 2], self->b["x"]);
	exit(0);
}
