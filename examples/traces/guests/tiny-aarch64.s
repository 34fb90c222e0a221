// SVC, undefined instruction, BRK and data abort at EL1, then SVC and data abort at EL0, then power off.
// llvm-mc -arch=aarch64 -filetype=obj tiny-aarch64.s -o t.o && llvm-objcopy -O binary -j .text t.o t.bin
// qemu-system-aarch64 -M virt -cpu cortex-a57 -m 64 -display none -device loader,file=t.bin,addr=0x40200000
//   -device loader,addr=0x40200000,cpu-num=0 -d int,exec,cpu,cpu_reset -dfilter 0x40200a00+1,0x40200c00+1 -D log
    .text
    .globl _start
_start:
    adr x0, vectors
    msr vbar_el1, x0
    isb
    mov x8, #172
    mov x0, #0x11
    mov x1, #0x22
    svc #1
    .inst 0x00000000
    brk #3
    ldr x3, =0xffff000000000000
    ldr x2, [x3]
    // to EL0
    adr x0, user
    msr elr_el1, x0
    mov x0, #0
    msr spsr_el1, x0
    eret
user:
    mov x8, #64
    mov x0, #1
    svc #0
    mov x8, #93
    svc #0
    ldr x3, =0xffff000000000000
    ldr x2, [x3]
    mov x8, #999
    svc #0
1:  b 1b
    .ltorg
    .balign 2048
vectors:
    .balign 128
    mrs x20, esr_el1
    lsr x20, x20, #26
    cmp x20, #0x15
    b.eq 2f
    mrs x21, elr_el1
    add x21, x21, #4
    msr elr_el1, x21
2:  eret
    .balign 128
    eret
    .balign 128
    eret
    .balign 128
    eret
    .balign 128
    b common
    .balign 128
    b common
    .balign 128
    b common
    .balign 128
    b common
    .balign 128
low:mrs x20, esr_el1
    lsr x20, x20, #26
    cmp x20, #0x15
    b.eq 3f
    mrs x21, elr_el1
    add x21, x21, #4
    msr elr_el1, x21
    b 4f
3:  cmp x8, #999
    b.eq off
4:  eret
common:
    mrs x20, esr_el1
    lsr x20, x20, #26
    cmp x20, #0x15
    b.eq 5f
    mrs x21, elr_el1
    add x21, x21, #4
    msr elr_el1, x21
5:  eret
off:
    ldr x0, =0x84000008
    hvc #0
6:  b 6b
    .ltorg
