/*
 * ASSERTION: a constant alloca that can never fit is an error
 * SECTION: 5
 */

#pragma D option scratchsize=1k
BEGIN { this->p = alloca(2000); exit(0); }
