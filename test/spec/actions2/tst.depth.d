/*
 * ASSERTION: stackdepth and ustackdepth are the frames that stack() and ustack() give
 * SECTION: 4
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


BEGIN { printf("%d %d\n", stackdepth, ustackdepth); }
vec:::0x80 /seq == 3/ { printf("%d %d", stackdepth, ustackdepth); stack(); ustack(); }
vec:::0x0e /cpl == 3 && n++ == 0/ { printf("%d %d", stackdepth, ustackdepth); stack(); ustack(); }
