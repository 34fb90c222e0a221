/*
 * ASSERTION: a member that a kernel struct does not have is told with the one that was meant
 * SECTION: 11
 * ARGS: --symbols examples/symbols/linux-6.1.0-56-amd64.btf.gz
 */

BEGIN { trace(curthread->com); }
