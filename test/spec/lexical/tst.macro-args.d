/*
 * ASSERTION: $N is lexed anew (an integer, a sign and an integer, a name, else a string); $$N is always a string
 * SECTION: 1.9
 * OPERANDS: 0x1f -7 probename 'a b' 12
 */

#pragma D option quiet

BEGIN
{
	trace($1); trace("|");
	trace($2); trace("|");
	trace($3); trace("|");
	trace($4); trace("|");
	trace($$5); trace(strlen($$1));
	exit(0);
}
