/*
 * ASSERTION: self->x = 0 frees: a small dynvarsize serves a long trace
 * SECTION: 3.8
 * ARGS: -x dynvarsize=256 -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


vec:::0x80 { self->start[seq] = 1; self->last = seq; }
vec:::0x03 /self->start[self->last]/ { n++; self->start[self->last] = 0; }
END { printf("%d\n", n > 50); }
