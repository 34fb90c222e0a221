/* From PVH's protected mode to long mode. The first 2 MiB are mapped nowhere, so that null pointers fault. */
	.section .note.GNU-stack, "", @progbits
	.section .note.Xen, "a"
	.long 4, 4, 18
	.asciz "Xen"
	.long start

	.text
	.code32
	.globl start
start:
	mov $stack_top, %esp
	movl $pdpt + 3, pml4
	movl $pd + 3, pdpt
	mov $0x200083, %eax		/* 2 MiB, writable, present */
	mov $pd + 8, %edi
	mov $511, %ecx
1:	mov %eax, (%edi)
	add $0x200000, %eax
	add $8, %edi
	loop 1b
	mov $pml4, %eax
	mov %eax, %cr3
	mov $0x20, %eax			/* PAE */
	mov %eax, %cr4
	mov $0xc0000080, %ecx		/* EFER: long mode */
	mov $0x100, %eax
	xor %edx, %edx
	wrmsr
	mov %cr0, %eax
	or $0x80000000, %eax
	mov %eax, %cr0
	lgdt gdt_pointer
	ljmp $8, $2f
	.code64
2:	mov $0x10, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	call kernel_main
3:	hlt
	jmp 3b

	.data
	.balign 8
gdt:	.quad 0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdt_pointer:
	.word . - gdt - 1
	.quad gdt

	.section .stack, "aw", @nobits
	.balign 4096
	.skip 4096			/* at the very start: below it nothing is mapped */
stack_top:

	.bss
	.balign 4096
pml4:	.skip 4096
pdpt:	.skip 4096
pd:	.skip 4096
