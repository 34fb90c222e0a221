/*
 * ASSERTION: the registers that a log of Arm deliveries and blocks has, by the architecture's names
 * SECTION: 4
 * ARGS: -t $TRACES/tiny-aarch64-exec-cpu.log.gz
 */

#pragma D option quiet

vec:::0x* /esr_ec != 0x16/
{
	printf("%s esr=%x iss=%x elr=%x x0=%d x8=%d lr=%x\n", probefunc, esr, esr_iss, elr, x0, x8, lr);
}

exec:::tb
/tb++ == 0/
{
	printf("block %x EL%d masked %d pstate %x\n", pc, cpl, !iflag, pstate);
}
