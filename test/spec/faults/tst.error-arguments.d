/*
 * ASSERTION: ERROR has the EPID, the action, the offset, the code and the address
 * SECTION: 9.5
 */

#pragma D option quiet


BEGIN { trace(1); trace(*(int *)0x1234); }
ERROR { printf("epid %d action %d code %d value %x\n", arg1, arg2, arg4, arg5); }
BEGIN { exit(0); }
