/*
 * ASSERTION: there are no members behind a void pointer, such as curthread without the kernel's types
 * SECTION: 3.4
 */

BEGIN { trace(curthread->x); exit(0); }
