/*
 * ASSERTION: %k prints a stack that is a key of an aggregation, %-Nk indents it, %a prints a symbol's address
 * SECTION: 8.2
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec:::0x80 { @[stack(2), sym(pc)] = count(); }
END { printa("%k|%a|%@d\n", @); printa("%-4k|%a\n", @); }
