/*
 * ASSERTION: rates may be given in any unit of time, without one in hertz
 * SECTION: 9.2
 * ARGS: -x clock=index --unsafe -t $TRACES/linux-x86_64-boot-small.log.gz
 */

#pragma D option quiet

tick-1msec { a++; } tick-1000usec { b++; } tick-1000000ns { c++; } tick-1000hz { d++; } tick-1000 { e++; }
END { printf("%d %d %d\n", a > 0, a == b && b == c, c == d && d == e); }
