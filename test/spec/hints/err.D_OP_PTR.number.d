/*
 * ASSERTION: a member of a number says that an address is cast
 * SECTION: 3.4
 */

BEGIN { trace(arg0->pid); }
