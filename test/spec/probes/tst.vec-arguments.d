/*
 * ASSERTION: a delivery's arguments are vector, error code, fault address, pc, cpl and whether software raised it; args[0] names them
 * SECTION: 9.3
 * ARGS: --unsafe -t $TRACES/tiny32-pf-recursive-triple.log.gz
 */

#pragma D option quiet

vec::: /n++ < 2/
{
	printf("%x %x %x %x %d %d\n", arg0, arg1, arg2, arg3, arg4, arg5);
	printf("%x %x %x %x %d %d\n", args[0]->vector, args[0]->errcode, args[0]->addr, args[0]->pc,
	    args[0]->cpl, args[0]->soft);
	printf("%x %x %x %d %d\n", vector, errcode, cr2, cpl, iflag);
}
