# ECALL, illegal instruction, EBREAK and load access fault in machine mode, then power off.
# llvm-mc -arch=riscv32 -mattr=-relax -filetype=obj tiny-riscv.s -o t.o && llvm-objcopy -O binary -j .text t.o t.bin
# qemu-system-riscv32 -M virt -m 64 -bios none -display none -device loader,file=t.bin,addr=0x80000000
#   -d int,exec,cpu -dfilter 0x80000000..0x80000100 -D log
    .text
    .globl _start
_start:
    lla t0, mtrap
    csrw mtvec, t0
    li a7, 64
    li a0, 1
    ecall
    .word 0xffffffff
    ebreak
    li t0, 0x7000000
    lw t1, 0(t0)
    li a7, 999
    ecall
1:  j 1b
    .balign 64
mtrap:
    li t2, 999
    beq a7, t2, off
    csrr t3, mepc
    addi t3, t3, 4
    csrw mepc, t3
    mret
off:
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
2:  j 2b
