#!/usr/bin/env -S trapline -s
/*
 * Which functions of the kernel is the guest in when it is interrupted or faults?
 *
 * Run:   trapline -s examples/hot-functions.d -t examples/traces/linux-x86_64-boot-small.log.gz
 *                 --symbols examples/traces/linux-x86_64-cut.kallsyms.gz
 * Read:  functions by how often device interrupts struck them, then by how often they took page faults, with the
 *        instructions that took most. Interrupts come in where they are allowed again (_raw_spin_unlock_irqrestore) or
 *        waited for (native_safe_halt); what remains is where the kernel spends its time. Faults belong in the routines
 *        that copy to and from user memory. Give the kallsyms or System.map of your own kernel with --symbols.
 * Prints (excerpt):
 *        | INTERRUPTED                                     TIMES
 *        | vmlinux`_raw_spin_unlock_irqrestore               425
 *        | vmlinux`native_safe_halt                           37
 *        ...
 *        | INSTRUCTION                                     TIMES
 *        | vmlinux`__put_user_nocheck_8+0x3                   37
 *
 * ARGS:  -t $TRACES/linux-x86_64-boot-small.log.gz --symbols $TRACES/linux-x86_64-cut.kallsyms.gz
 */
#pragma D option quiet
#pragma D option aggsortrev

vec:interrupt::
/cpl == 0 && rip >= 0xffff800000000000/
{
	@interrupted[func(rip)] = count();
}

vec::page_fault:
/cpl == 0 && rip >= 0xffff800000000000/
{
	@faulting[func(rip)] = count();
	@instructions[rip] = count();
}

END
{
	trunc(@interrupted, 8);
	trunc(@faulting, 5);
	trunc(@instructions, 5);
	printf("%-44s %8s\n", "INTERRUPTED", "TIMES");
	printa("%-44a %@8d\n", @interrupted);
	printf("\n%-44s %8s\n", "FAULTING", "TIMES");
	printa("%-44a %@8d\n", @faulting);
	printf("\n%-44s %8s\n", "INSTRUCTION", "TIMES");
	printa("%-44a %@8d\n", @instructions);
}
