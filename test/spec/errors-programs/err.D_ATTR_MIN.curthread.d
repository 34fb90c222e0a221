/*
 * ASSERTION: -x amin refuses what belongs to the kernel
 * SECTION: 13.1
 * ARGS: -x amin=Evolving/Evolving/Common
 */

BEGIN { trace(curthread); exit(0); }
