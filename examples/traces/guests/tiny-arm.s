@ SVC, undefined instruction, BKPT and data abort of 32-bit code at EL1, then power off.
@ llvm-mc -arch=arm -mattr=+v7,+virtualization -filetype=obj tiny-arm.s -o t.o; llvm-objcopy and QEMU as for tiny-aarch64.s,
@ with qemu-system-arm -M virt -cpu cortex-a15 -d int,exec,cpu -dfilter 0x40200000..0x40200060
    .text
    .globl _start
_start:
    adr r0, vectors
    mcr p15, 0, r0, c12, c0, 0
    mov r7, #4
    mov r0, #1
    svc #0
    udf #1
    bkpt #2
    ldr r3, =0xf0000000
    ldr r2, [r3]
    ldr r0, =0x84000008
    hvc #0
1:  b 1b
    .ltorg
    .balign 64
vectors:
    b .
    movs pc, lr
    movs pc, lr
    subs pc, lr, #0
    subs pc, lr, #4
    b .
    b .
    b .
