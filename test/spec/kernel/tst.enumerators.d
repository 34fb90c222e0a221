/*
 * ASSERTION: enumerators of the kernel are constants, unless the program has a variable of that name
 * SECTION: 3.7
 * ARGS: --symbols examples/symbols/linux-6.1.0-56-amd64.btf.gz
 */

#pragma D option quiet

BEGIN
{
	PIDTYPE_SID = 40;
	printf("%d %d %d\n", PIDTYPE_TGID, PIDTYPE_SID, (enum pid_type)2 == PIDTYPE_PGID);
	exit(0);
}
