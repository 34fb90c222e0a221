/*
 * ASSERTION: llquantize mirrors its buckets below zero, with one around it
 * SECTION: 7.3
 */

#pragma D option quiet

BEGIN { @ = llquantize(0, 10, 0, 1, 10); @ = llquantize(5, 10, 0, 1, 10); @ = llquantize(-5, 10, 0, 1, 10); @ = llquantize(1000, 10, 0, 1, 10); @ = llquantize(-1000, 10, 0, 1, 10); exit(0); }
