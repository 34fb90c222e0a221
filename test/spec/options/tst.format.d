/*
 * ASSERTION: -x format names how the lines of a trace are read; numbers order them, and one that is missing was dropped by the guest
 * SECTION: 10
 * ARGS: -q -x format=strat9 -t test/spec/options/strat9.log
 */

sdt:mem:: { printf("%d %d %s %d %x\n", seq, cpu, probename, args[0]->pid, args[0]->vaddr); }
