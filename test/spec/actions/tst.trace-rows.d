/*
 * ASSERTION: trace columns are as wide as the value's type and sign-aware
 * SECTION: 8.4
 */

BEGIN
{
	trace((char)-1); trace((short)-300); trace(-70000); trace((int64_t)-1 << 40);
	trace((uint64_t)-1); trace("text");
	exit(0);
}
