/*
 * ASSERTION: offsetof wants a struct
 * SECTION: 11
 */

BEGIN { trace(offsetof(int, a)); exit(0); }
