/*
 * ASSERTION: -x categories passes over all but the categories of the kernel's mask, and none of them is lost by that
 * SECTION: 10
 * ARGS: -q -x categories=0x9 -t test/spec/options/strat9.log
 */

sdt::: { printf("%d %s\n", seq, probename); }
