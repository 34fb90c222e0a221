/*
 * ASSERTION: user addresses without symbols print as they are
 * SECTION: 6
 */

#pragma D option quiet
BEGIN
{
	usym(0x401000);
	ufunc(0x401000);
	umod(0x401000);
	uaddr(0x401000);
	jstack(3);
	exit(0);
}
