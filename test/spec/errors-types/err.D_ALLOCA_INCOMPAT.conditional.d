/*
 * ASSERTION: ?: gives scratch or other memory
 * SECTION: 5
 */

BEGIN { trace(cpu ? alloca(8) : (void *)arg0); exit(0); }
