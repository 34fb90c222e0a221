/*
 * ASSERTION: there is no memory of a guest to write in a log
 * SECTION: 5
 * ARGS: -w -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


vec:::0x80 /n++ == 0/ { copyout(alloca(4), 0x1000, 4); }
vec:::0x80 /n == 1/ { n++; copyoutstr("text", 0x1000, 4); }
