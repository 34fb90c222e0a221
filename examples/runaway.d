#!/usr/bin/env -S trapline -s
/*
 * Does a handler fault itself, over and over, eating its stack?
 *
 * Run:   trapline --unsafe -s examples/runaway.d -t examples/traces/tiny32-pf-recursive-triple.log.gz
 * Read:  each run of the same exception at the same instruction on a falling stack pointer, when it ends: how often,
 *        how many bytes of stack it ate, and how many per round (the frame that the processor pushes). Short runs are
 *        chance; the argument is the shortest run to report, 8 without it.
 * Prints (excerpt):
 *        |     FROM       TO VECTOR                 PC   ROUNDS    BYTES     EACH
 *        |        1     1145 0xe              c0000000     1145    18304       16
 *
 * ARGS:  --unsafe -t $TRACES/tiny32-pf-recursive-triple.log.gz
 */
#pragma D option quiet
#pragma D option defaultargs

inline int shortest = $1 > 0 ? $1 : 8;

self int rounds, vector;
self uint64_t pc, sp, top;
self int64_t begin;

BEGIN
{
	printf("%8s %8s %-8s %16s %8s %8s %8s\n", "FROM", "TO", "VECTOR", "PC", "ROUNDS", "BYTES", "EACH");
}

vec:::
/self->rounds >= shortest && !(vector == self->vector && pc == self->pc && sp < self->sp)/
{
	printf("%8d %8d 0x%-6x %16x %8d %8d %8d\n", self->begin, seq - 1, self->vector, self->pc, self->rounds,
	    self->top - self->sp, (self->top - self->sp) / (self->rounds - 1));
}

vec:::
/!(vector == self->vector && pc == self->pc && sp < self->sp)/
{
	self->begin = seq;
	self->top = sp;
	self->rounds = 0;
}

vec:::
{
	self->rounds++;
	self->vector = vector;
	self->pc = pc;
	self->sp = sp;
}
