/*
 * ASSERTION: registers of 32-bit Arm; r8 to r15 share their names with x86-64
 * SECTION: 4
 * ARGS: -t $TRACES/tiny-arm-exec-cpu.log.gz
 */

#pragma D option quiet

exec:::tb
/tb++ == 2/
{
	printf("%x %x %x %x %x %x %x %x ", r0, r1, r2, r3, r4, r5, r6, r7);
	printf("%x %x %x %x %x %x %x %x\n", r8, r9, r10, r11, r12, r13, r14, r15);
	printf("lr=%x cpsr=%x pc=%x EL%d\n", lr, cpsr, pc, cpl);
}

vec::data_abort: { printf("fsr=%x far=%x\n", fsr, far); }
