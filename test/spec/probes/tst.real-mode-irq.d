/*
 * ASSERTION: cpu:::real_mode_irq fires where QEMU says that it services an interrupt and no record follows: arg0 is the vector,
 * which is no vec:::, and interrupts were enabled, so that safe mode withholds nothing
 * SECTION: 9.1
 * ARGS: -t $TRACES/linux-x86_64-oom-triple.log.gz
 */

#pragma D option quiet

cpu:::real_mode_irq { printf("%x, line %d, after event %d, IF=%d, CPU %d\n", arg0, line, seq, iflag, cpu); }
cpu:::smm_leave { @ = count(); }
vec:::0x08 { printf("a double fault\n"); }
END { printa("%@d times out of SMM\n", @); }
