/*
 * ASSERTION: a script that names probes and registers of several architectures runs on each; a register that the event does not have is a fault
 * SECTION: 4
 * ARGS: -t $TRACES/tiny-riscv64-traps.log.gz
 */

#pragma D option quiet

vec::page_fault:,
vec::data_abort:,
vec::load_page_fault: { @[probefunc] = count(); }

vec::load_page_fault: /n++ == 0/ { trace(cr2); }
vec::load_page_fault: /m++ == 0/ { printf("%d", far == tval); }

END { printa("%s %@d\n", @); }
