/*
 * ASSERTION: only what the reference names can be called
 * SECTION: 2.5
 */

BEGIN { trace(strlne("a")); exit(0); }
