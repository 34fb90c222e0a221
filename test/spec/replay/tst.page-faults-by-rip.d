/*
 * ASSERTION: the hottest faulting instructions of a boot, with the body between < and >
 * SECTION: 9
 * ARGS: -t $TRACES/linux-x86_64-boot.log.gz
 */

#pragma D option quiet

vec:::0x0e < @[rip] = count(); >
END < trunc(@, 5); printa("%x %@d\n", @); >
