/*
 * ASSERTION: in safe mode firings from contexts with interrupts disabled are withheld and counted, by probe
 * SECTION: 9
 * ARGS: -t $TRACES/linux-x86_64-boot.log.gz
 */

#pragma D option quiet

vec::: { @[probename] = count(); @off[probename] = sum(!iflag); }
END { printa("%s %@d %@d\n", @, @off); }
