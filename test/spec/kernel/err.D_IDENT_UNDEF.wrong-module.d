/*
 * ASSERTION: a symbol is looked for in the module that is named
 * SECTION: 1.12
 * ARGS: --symbols test/spec/kernel/linux.kallsyms
 */

BEGIN { trace(ext4`jiffies); }
