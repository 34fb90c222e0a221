/*
 * ASSERTION: a speculation that is full drops records and counts them
 * SECTION: 6.3
 * ARGS: -x specsize=64 -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

BEGIN { id0 = speculation(); }
vec:::0x80 { speculate(id0); printf("%d\n", seq); }
END { commit(id0); }
