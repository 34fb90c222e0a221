/*
 * ASSERTION: storing 0 deletes an element and gives its space to another
 * SECTION: 3.8
 * ARGS: -x dynvarsize=256 -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec::: { a[seq] = 1; self->x = seq + 1; }
vec::: { held += a[seq]; a[seq] = 0; self->x = 0; }
END { printf("%d held of %d\n", held, 1276); }
