/*
 * ASSERTION: iflag is IF as the delivery saved it
 * SECTION: 4
 * ARGS: --unsafe -t $TRACES/linux-x86_64-boot-small.log.gz
 */

#pragma D option quiet

vec::: /iflag == 0/ { @[probename, rflags & 0x200] = count(); }
