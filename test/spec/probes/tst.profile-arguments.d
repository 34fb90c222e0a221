/*
 * ASSERTION: of profile's arg0 and arg1, the kernel's and the user's pc, exactly one is not zero
 * SECTION: 9.2
 * ARGS: -x clock=index --unsafe -t $TRACES/linux-x86_64-boot-small.log.gz
 */

#pragma D option quiet

profile-4999 { @[(arg0 != 0) ^^ (arg1 != 0) ? "one" : "other"] = count(); }
