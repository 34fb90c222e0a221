/*
 * ASSERTION: timestamp does not change within a firing and never goes back
 * SECTION: 4
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

uint64_t last;
vec::: { this->t = timestamp; backwards += timestamp < last; last = timestamp; }
vec::: { changed += this->t != timestamp; }
END { printf("%d %d %d\n", backwards, changed, last > 0); }
