/*
 * The ways into the kernel and out of it: 256 interrupt vectors, SYSCALL, and the switch from one kernel stack to another.
 *
 * Each way in leaves a struct frame on the kernel stack and calls C with its address: trap(frame) or do_syscall(frame).
 * In the kernel, GS points to the CPU's own struct cpu; in user mode it does not, so the ways in and out swap it.
 */
#include "kernel.h"

/* Offset of the saved CS while vector and error code lie on top of the stack. */
#define SAVED_CS 24
/* Offset of rax in struct frame. */
#define FRAME_RAX 0x50

.macro SAVE
	push %rdi
	push %rsi
	push %rdx
	push %rcx
	push %rax
	push %r8
	push %r9
	push %r10
	push %r11
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
.endm

.macro RESTORE
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rax
	pop %rcx
	pop %rdx
	pop %rsi
	pop %rdi
.endm

	.section .text.entry, "ax"

/* Vector N enters at trap_stubs + 16 * N. Some exceptions push an error code; for all others a 0 stands in its place. */
	.balign 16
	.globl trap_stubs
	.type trap_stubs, @function
trap_stubs:
	.set vector, 0
	.rept 256
	.balign 16, 0x90
	.if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
	push $0
	.endif
	push $vector
	/* These four may come anywhere, even between SYSCALL and its SWAPGS. */
	.if vector == 1 || vector == 2 || vector == 8 || vector == 18
	jmp trap_anywhere
	.else
	jmp trap_entry
	.endif
	.set vector, vector + 1
	.endr
	.size trap_stubs, . - trap_stubs

	.balign 16
	.type trap_entry, @function
trap_entry:
	testb $3, SAVED_CS(%rsp)
	jz 1f
	swapgs
1:	SAVE
	cld
	testb $3, 15 * 8 + SAVED_CS(%rsp)
	jz 2f
	xor %ebp, %ebp /* a chain of kernel frames ends here; that of interrupted kernel code goes on */
2:	mov %rsp, %rdi
	call trap
	.globl trap_return
trap_return:
	RESTORE
	testb $3, SAVED_CS(%rsp)
	jz 3f
	swapgs
3:	add $16, %rsp
	iretq
	.size trap_entry, . - trap_entry

/* Here CS does not tell whose GS it is, so look: addresses of the kernel are negative. rbx remembers. */
	.balign 16
	.type trap_anywhere, @function
trap_anywhere:
	SAVE
	cld
	xor %ebx, %ebx
	mov $0xc0000101, %ecx /* GS base */
	rdmsr
	test %edx, %edx
	js 1f
	swapgs
	inc %ebx
1:	mov %rsp, %rdi
	call trap
	test %ebx, %ebx
	jz 2f
	swapgs
2:	RESTORE
	add $16, %rsp
	iretq
	.size trap_anywhere, . - trap_anywhere

/* SYSCALL: rcx = user rip, r11 = user flags, interrupts off, still on the user's stack. */
	.balign 16
	.globl syscall_entry
	.type syscall_entry, @function
syscall_entry:
	swapgs
	mov %rsp, %gs:CPU_USER_RSP
	mov %gs:CPU_KERNEL_RSP, %rsp
	push $USER_DATA
	push %gs:CPU_USER_RSP
	push %r11
	push $USER_CODE
	push %rcx
	push $0
	push $0
	SAVE
	xor %ebp, %ebp
	mov %rsp, %rdi
	call do_syscall
	.size syscall_entry, . - syscall_entry

/* A name for the place where each result is, for probes (syscalls.json): interrupts are still on. */
	.globl syscall_result
	.type syscall_result, @function
syscall_result:
	mov %rax, FRAME_RAX(%rsp)
	cli
	RESTORE
	add $16, %rsp
	pop %rcx
	add $8, %rsp
	pop %r11
	pop %rsp
	swapgs
	sysretq
	.size syscall_result, . - syscall_result

/* switch_stacks(u64 *save, u64 load): go on where the other stack left off. */
	.balign 16
	.globl switch_stacks
	.type switch_stacks, @function
switch_stacks:
	push %rbp
	push %rbx
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, (%rdi)
	mov %rsi, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbx
	pop %rbp
	ret
	.size switch_stacks, . - switch_stacks

/* What a new process's stack returns to: its first frame lies above. */
	.globl first_return
	.type first_return, @function
first_return:
	jmp trap_return
	.size first_return, . - first_return

	.section .note.GNU-stack, "", @progbits
