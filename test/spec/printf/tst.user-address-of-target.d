/*
 * ASSERTION: with a target process, %A takes a number or a pointer for a user address
 * SECTION: 8.2
 * ARGS: -q -c true
 */

BEGIN { printf("%A %A\n", 0x1000, (void *)0x2000); exit(0); }
