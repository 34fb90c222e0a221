/*
 * ASSERTION: more scratch than there is, is a fault, and the clause's scratch is free again in the next
 * SECTION: 5
 * ARGS: -x scratchsize=4096
 */

#pragma D option quiet

BEGIN { this->n = 4000; this->p = alloca(this->n); n++; }
BEGIN { this->n = 4000; this->p = alloca(this->n); n++; }
BEGIN { this->n = 4097; this->p = alloca(this->n); n++; }
ERROR { printf("%d %d\n", arg4 == DTRACEFLT_NOSCRATCH, n); exit(0); }
