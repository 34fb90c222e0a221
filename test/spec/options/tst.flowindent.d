/*
 * ASSERTION: -F indents; probes that are neither entry nor return get a bar, and the heading is printed even when quiet
 * SECTION: 10.3
 * ARGS: -F -t $TRACES/tiny32-gp-np-df.log.gz --unsafe
 */

vec::: { }
vec::: { trace(probename); }
