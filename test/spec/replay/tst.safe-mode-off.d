/*
 * ASSERTION: with --unsafe every delivery of the log fires
 * SECTION: 9
 * ARGS: --unsafe -t $TRACES/linux-x86_64-boot.log.gz
 */

#pragma D option quiet

vec::: { @[probename] = count(); @off[probename] = sum(!iflag); }
END { printa("%s %@d %@d\n", @, @off); }
