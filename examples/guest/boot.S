/*
 * From the firmware's hand-over to kernel_main() and ap_main(): 64-bit long mode on the boot page tables.
 *
 * In: the PVH protocol's start (32-bit protected mode, flat segments, no paging, ebx = physical address of start_info), or,
 * for the other processors, a start-up IPI (real mode at TRAMPOLINE). Out: kernel_main(start_info), ap_main().
 */
#include "kernel.h"

#define PHYSICAL(symbol) (symbol - KERNEL_BASE)

/* XEN_ELFNOTE_PHYS32_ENTRY: "start me here". Its header and alignment are what QEMU reads, 4 bytes each. */
	.section .note.Xen, "a", @note
	.balign 4
	.long 4, 8, 18
	.asciz "Xen"
	.quad pvh_start

	.section .boot, "awx"
	.code32
	.globl pvh_start
	.type pvh_start, @function
pvh_start:
	cli
	cld
	mov %ebx, start_info

	/* .bss is not cleared by every loader. */
	mov $PHYSICAL(bss_start), %edi
	mov $PHYSICAL(bss_end), %ecx
	sub %edi, %ecx
	shr $2, %ecx
	xor %eax, %eax
	rep stosl

	/* The first 4 GiB in 2 MiB pages (present, writable, large), the last of them, with the devices, not cached. */
	mov $PHYSICAL(boot_directories), %edi
	mov $0x83, %eax
	xor %ecx, %ecx
1:	mov %eax, (%edi, %ecx, 8)
	add $0x200000, %eax
	inc %ecx
	cmp $1536, %ecx
	jne 2f
	or $0x10, %eax
2:	cmp $2048, %ecx
	jne 1b

	/* Identity: PML4[0] -> low table -> the four directories. */
	movl $(PHYSICAL(boot_low) + 3), PHYSICAL(boot_pml4)
	movl $(PHYSICAL(boot_directories) + 0x0003), PHYSICAL(boot_low)
	movl $(PHYSICAL(boot_directories) + 0x1003), PHYSICAL(boot_low) + 8
	movl $(PHYSICAL(boot_directories) + 0x2003), PHYSICAL(boot_low) + 16
	movl $(PHYSICAL(boot_directories) + 0x3003), PHYSICAL(boot_low) + 24
	/* KERNEL_BASE: PML4[511] -> high table -> [510] the first GiB, [511] the fourth GiB (the local APIC is in it). */
	movl $(PHYSICAL(boot_high) + 3), PHYSICAL(boot_pml4) + 511 * 8
	movl $(PHYSICAL(boot_directories) + 0x0003), PHYSICAL(boot_high) + 510 * 8
	movl $(PHYSICAL(boot_directories) + 0x3003), PHYSICAL(boot_high) + 511 * 8

	xor %esi, %esi /* the first processor */
	jmp enter_long_mode
	.size pvh_start, . - pvh_start

/* esi: 0 for the first processor, 1 for another. */
	.type enter_long_mode, @function
enter_long_mode:
	mov $0x20, %eax /* physical address extension */
	mov %eax, %cr4
	mov $PHYSICAL(boot_pml4), %eax
	mov %eax, %cr3
	mov $0xc0000080, %ecx /* EFER: long mode, SYSCALL */
	rdmsr
	or $0x101, %eax
	wrmsr
	mov $0x80010031, %eax /* paging, write protection, numeric errors, extension type, protection */
	mov %eax, %cr0
	lgdt boot_gdt_pointer
	ljmp $KERNEL_CODE, $in_long_mode
	.size enter_long_mode, . - enter_long_mode

	.code64
	.type in_long_mode, @function
in_long_mode:
	mov $high_start, %rax
	jmp *%rax
	.size in_long_mode, . - in_long_mode

/* Copied to TRAMPOLINE, cs = TRAMPOLINE / 16; it jumps back to the code that lies where it was linked. */
	.code16
	.globl ap_start, ap_end
ap_start:
	cli
	mov %cs, %ax
	mov %ax, %ds
	lgdtl boot_gdt_pointer_copy - ap_start
	mov %cr0, %eax
	or $1, %eax
	mov %eax, %cr0
	ljmpl $0x18, $ap_protected
boot_gdt_pointer_copy:
	.word 4 * 8 - 1
	.long boot_gdt
ap_end:

	.code32
	.type ap_protected, @function
ap_protected:
	mov $KERNEL_DATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov $1, %esi
	jmp enter_long_mode
	.size ap_protected, . - ap_protected

	.balign 8
boot_gdt:
	.quad 0
	.quad 0x00af9a000000ffff /* KERNEL_CODE, 64 bits */
	.quad 0x00cf92000000ffff /* KERNEL_DATA */
	.quad 0x00cf9a000000ffff /* 0x18: code, 32 bits */
boot_gdt_pointer:
	.word 4 * 8 - 1
	.long boot_gdt
	.balign 4
start_info:
	.long 0

	.text
	.code64
	.type high_start, @function
high_start:
	mov $KERNEL_DATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %fs
	mov %eax, %gs
	xor %ebp, %ebp /* the end of every chain of frames */
	test %esi, %esi
	jnz 1f
	mov $(first_stack + STACK_BYTES), %rsp
	mov start_info, %edi
	call kernel_main
1:	mov ap_stack, %rsp
	call ap_main
	ud2 /* neither of them returns */
	.size high_start, . - high_start

	.bss
	.balign 4096
	.globl boot_pml4, first_stack, ap_stack
boot_pml4:	.skip 4096
boot_low:	.skip 4096
boot_high:	.skip 4096
boot_directories: .skip 4 * 4096
first_stack:	.skip STACK_BYTES
ap_stack:	.skip 8

	.section .note.GNU-stack, "", @progbits
