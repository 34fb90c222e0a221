/*
 * ASSERTION: the idiom: hold records back until it is known that they are wanted
 * SECTION: 6.3
 * ARGS: -x nspec=1 -x droptags -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec:::0x80 /seq < 20 && !self->spec/ { self->spec = speculation(); }
vec::: /self->spec/ { speculate(self->spec); printf(" %x", vector); }
vec:::0x31 /self->spec/ { commit(self->spec); self->spec = 0; }
END { printf("\n"); }
