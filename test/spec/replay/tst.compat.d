/*
 * ASSERTION: a 32-bit program on a 64-bit kernel is seen with its 32-bit registers
 * SECTION: 9
 * ARGS: -t $TRACES/linux-x86_64-boot.log.gz
 */

#pragma D option quiet

vec:soft:int:0x80 /cs == 0x23/ { @[cs, cpl, eip] = count(); }
