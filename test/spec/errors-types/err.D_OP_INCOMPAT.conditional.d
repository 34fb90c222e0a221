/*
 * ASSERTION: the arms of ?: go together
 * SECTION: 3.3
 */

BEGIN { trace(cpu ? 1 : "a"); exit(0); }
