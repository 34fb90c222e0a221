/*
 * ASSERTION: a 32-bit Linux boot, by vector and ring
 * SECTION: 9
 * ARGS: --unsafe -t $TRACES/linux-i386-boot.log.gz
 */

#pragma D option quiet

vec::: { @v[probename] = count(); @r[cpl] = count(); }
END { printa("%s %@d\n", @v); printa("cpl %d %@d\n", @r); }
