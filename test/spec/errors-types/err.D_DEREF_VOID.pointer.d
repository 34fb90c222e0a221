/*
 * ASSERTION: there is nothing of known type behind a void pointer
 * SECTION: 3.4
 */

BEGIN { trace(*(void *)0); exit(0); }
