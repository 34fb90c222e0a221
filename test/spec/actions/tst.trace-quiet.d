/*
 * ASSERTION: in quiet mode trace pads nothing and ends no line
 * SECTION: 8.4
 */

#pragma D option quiet

BEGIN
{
	trace((char)-1); trace("text"); trace((uint64_t)-1); trace(7);
	exit(0);
}
