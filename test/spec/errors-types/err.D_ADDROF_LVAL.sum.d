/*
 * ASSERTION: only what lies in memory has an address
 * SECTION: 3.4
 */

BEGIN { trace(&(cpu + 1)); exit(0); }
