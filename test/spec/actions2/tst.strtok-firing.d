/*
 * ASSERTION: the state of strtok lives for one firing
 * SECTION: 5
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


vec:::0x80 /n == 0/ { n = 1; trace(strtok("a b", " ")); }
vec:::0x80 /n == 1/ { n = 2; trace(strtok(NULL, " ")); }
vec:::0x03 /n == 2/ { n = 3; trace(strtok(NULL, " ")); }
