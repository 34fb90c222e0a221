/*
 * ASSERTION: resets, triple faults and system management mode are probes of their own
 * SECTION: 9.1
 * ARGS: -t $TRACES/linux-x86_64-boot-small.log.gz
 */

#pragma D option quiet

cpu::: { @[probename] = count(); }
