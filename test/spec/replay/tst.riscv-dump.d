/*
 * ASSERTION: every register of a RISC-V dump by its number and by its name in the calling convention
 * SECTION: 4
 * ARGS: --unsafe -t $TRACES/tiny-riscv32-exec-cpu.log.gz
 */

#pragma D option quiet

vec::illegal_instruction:
{
	printf("zero=%x ", zero);
	printf("ra=%x ", ra);
	printf("gp=%x ", gp);
	printf("tp=%x ", tp);
	printf("t0=%x ", t0);
	printf("t1=%x ", t1);
	printf("t2=%x ", t2);
	printf("s0=%x ", s0);
	printf("s1=%x ", s1);
	printf("a0=%x ", a0);
	printf("a1=%x ", a1);
	printf("a2=%x ", a2);
	printf("a3=%x ", a3);
	printf("a4=%x ", a4);
	printf("a5=%x ", a5);
	printf("a6=%x ", a6);
	printf("a7=%x ", a7);
	printf("s2=%x ", s2);
	printf("s3=%x ", s3);
	printf("s4=%x ", s4);
	printf("s5=%x ", s5);
	printf("s6=%x ", s6);
	printf("s7=%x ", s7);
	printf("s9=%x ", s9);
	printf("s10=%x ", s10);
	printf("s11=%x ", s11);
	printf("t3=%x ", t3);
	printf("t4=%x ", t4);
	printf("t5=%x ", t5);
	printf("t6=%x ", t6);
	printf("x24=%x ", x24);
	printf("sp=%x x31=%x\n", sp, x31);
	printf("epc=%x tval=%x cause=%d\n", epc, tval, cause);
}

exec:::tb
/pc == 0x80000040 && n++ == 1/
{
	printf("mhartid=%x ", mhartid);
	printf("mstatus=%x ", mstatus);
	printf("mip=%x ", mip);
	printf("mie=%x ", mie);
	printf("mideleg=%x ", mideleg);
	printf("medeleg=%x ", medeleg);
	printf("mtvec=%x ", mtvec);
	printf("stvec=%x ", stvec);
	printf("mepc=%x ", mepc);
	printf("sepc=%x ", sepc);
	printf("mcause=%x ", mcause);
	printf("scause=%x ", scause);
	printf("mtval=%x ", mtval);
	printf("stval=%x ", stval);
	printf("mscratch=%x ", mscratch);
	printf("sscratch=%x ", sscratch);
	printf("satp=%x ", satp);
	printf("\n");
}
