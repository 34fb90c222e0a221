/*
 * ASSERTION: a probe id that no probe can have is told as such
 * SECTION: 11
 */

4294967296 { exit(0); }
