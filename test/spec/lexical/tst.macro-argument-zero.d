/*
 * ASSERTION: $0 is the script's name
 * SECTION: 1.9
 */

#pragma D option quiet

BEGIN
{
	trace($0);
	exit(0);
}
