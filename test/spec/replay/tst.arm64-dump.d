/*
 * ASSERTION: every register of an AArch64 dump, and what a delivery says; the log of QEMU 7.2 has no spsr
 * SECTION: 4
 * ARGS: -t $TRACES/tiny-aarch64-exec-cpu.log.gz
 */

#pragma D option quiet

exec:::tb
/tb++ == 4/
{
	printf("x0=%x ", x0);
	printf("x1=%x ", x1);
	printf("x2=%x ", x2);
	printf("x3=%x ", x3);
	printf("x4=%x ", x4);
	printf("x5=%x ", x5);
	printf("x6=%x ", x6);
	printf("x7=%x ", x7);
	printf("x8=%x ", x8);
	printf("x9=%x ", x9);
	printf("x10=%x ", x10);
	printf("x11=%x ", x11);
	printf("x12=%x ", x12);
	printf("x13=%x ", x13);
	printf("x14=%x ", x14);
	printf("x15=%x ", x15);
	printf("x16=%x ", x16);
	printf("x17=%x ", x17);
	printf("x18=%x ", x18);
	printf("x19=%x ", x19);
	printf("x20=%x ", x20);
	printf("x21=%x ", x21);
	printf("x22=%x ", x22);
	printf("x23=%x ", x23);
	printf("x24=%x ", x24);
	printf("x25=%x ", x25);
	printf("x26=%x ", x26);
	printf("x27=%x ", x27);
	printf("x28=%x ", x28);
	printf("x29=%x ", x29);
	printf("x30=%x ", x30);
	printf("sp=%x lr=%x pstate=%x\n", sp, lr, pstate);
}

vec::data_abort:0x24
{
	printf("%x %x %x %x far=%x elr=%x", esr, esr_ec, esr_iss, esr_fsc, far, elr);
	printf(" to EL%d %x %x\n", new_el, new_pc, new_pstate);
}

vec::data_abort:0x24 { trace(spsr); }
