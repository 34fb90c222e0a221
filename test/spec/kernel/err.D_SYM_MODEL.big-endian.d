/*
 * ASSERTION: variables of a kernel whose numbers lie the other way round cannot be read
 * SECTION: 11
 * ARGS: --symbols test/spec/kernel/big-endian.btf --symbols test/spec/kernel/linux.kallsyms
 */

BEGIN { trace(`jiffies); }
