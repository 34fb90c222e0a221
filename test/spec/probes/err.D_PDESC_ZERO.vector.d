/*
 * ASSERTION: a description without a probe is an error
 * SECTION: 2.6
 */

vec:::0x100 { exit(0); }
