/*
 * ASSERTION: in BEGIN the probe's names, ids and arguments are those of the reference
 * SECTION: 4
 */

#pragma D option quiet

BEGIN
{
	printf("%s:%s:%s:%s id %d epid %d\n", probeprov, probemod, probefunc, probename, id, epid);
	printf("%d %d %d\n", arg0, arg9, pid == $pid);
}
BEGIN { printf("epid %d\n", epid); exit(0); }
