/*
 * ASSERTION: every register of a 64-bit event can be read, by name and through uregs[]
 * SECTION: 4.1
 * ARGS: -t $TRACES/linux-x86_64-boot-small.log.gz
 */

#pragma D option quiet

vec:::0x0e
/cpl == 3/
{
	printf("rip %x rsp %x rflags %x cs %x ss %x\n", rip, rsp, rflags, cs, ss);
	printf("rax %x rbx %x rcx %x rdx %x\n", rax, rbx, rcx, rdx);
	printf("cr0 %x cr2 %x cr3 %x cr4 %x efer %x fs %x\n", cr0, cr2, cr3, cr4, efer, fs_base);
	printf("%d %d %d\n", uregs[R_RIP] == rip, uregs[R_SP] == sp, uregs[R_CR3] == cr3);
	printf("eax %x %d\n", eax, (uint32_t)rax == eax);
	exit(0);
}
