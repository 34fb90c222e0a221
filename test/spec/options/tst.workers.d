/*
 * ASSERTION: the number of threads is told on the command line, and the answer does not depend on it
 * SECTION: 10.2
 * ARGS: -x workers=3 -t $TRACES/tiny32-int-storm.log.gz -q
 */

vec::: { @[probename] = count(); }
