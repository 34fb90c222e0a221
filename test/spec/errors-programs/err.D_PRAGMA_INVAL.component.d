/*
 * ASSERTION: a provider has five parts that take attributes
 * SECTION: 13.1
 */

#pragma D attributes Stable/Stable/Common provider vec probes
BEGIN { exit(0); }
