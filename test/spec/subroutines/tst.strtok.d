/*
 * ASSERTION: strtok goes on through a string with NULL; its state is shared by the clauses of one firing
 * SECTION: 5
 */

#pragma D option quiet

BEGIN
{
	this->a = strtok("/usr//local/bin/", "/");
	this->b = strtok(NULL, "/");
	printf("%s %s", this->a, this->b);
}
BEGIN
{
	this->c = strtok(NULL, "/");
	this->d = strtok(NULL, "/");
	printf(" %s %d\n", this->c, this->d == NULL);
	exit(0);
}
