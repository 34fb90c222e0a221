/*
 * ASSERTION: -l lists what a script's descriptions match and runs nothing
 * SECTION: 10.3
 * ARGS: -l
 */

vec::page_fault:, BEGIN, vec:::0x80 { printf("never\n"); }
