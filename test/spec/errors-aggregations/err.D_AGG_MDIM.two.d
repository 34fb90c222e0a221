/*
 * ASSERTION: keys are a list in one pair of brackets
 * SECTION: 7
 */

BEGIN { @a[1][2] = count(); exit(0); }
