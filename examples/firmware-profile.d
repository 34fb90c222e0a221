#!/usr/bin/env -S trapline -s
/*
 * Where does the firmware spend its time?
 *
 * Run:   trapline -s examples/firmware-profile.d -t examples/traces/ovmf-x86_64-boot.log.gz 0x20
 * Read:  the firmware's timer (the argument is its vector) as a sampling profiler: pages of code by share of the ticks,
 *        busiest first, then the busiest instructions: one that holds nearly all ticks of its page waits for something.
 * Prints (excerpt):
 *        | 1143 ticks
 *        ...
 *        |             PAGE  PERCENT
 *        |          f06d000       43
 *        |          f059000       43
 *        ...
 *        |      INSTRUCTION    TICKS
 *        |          f059731      492
 *        |          f06d2dd      283
 *
 * ARGS:  -t $TRACES/ovmf-x86_64-boot.log.gz
 * OPERANDS: 0x20
 */
#pragma D option quiet
#pragma D option aggsortrev

int64_t ticks;

vec:interrupt::
/vector == $1/
{
	ticks++;
	@percent[pc & ~4095] = sum(100);
	@instruction[pc] = count();
}

END
{
	normalize(@percent, ticks);
	trunc(@percent, 8);
	printf("%d ticks\n\n%16s %8s\n", ticks, "PAGE", "PERCENT");
	printa("%16x %@8d\n", @percent);
	trunc(@instruction, 5);
	printf("\n%16s %8s\n", "INSTRUCTION", "TICKS");
	printa("%16x %@8d\n", @instruction);
}
