/*
 * ASSERTION: what is summed must be scalar
 * SECTION: 7.1
 */

BEGIN { @a = sum("text"); exit(0); }
