/*
 * ASSERTION: -l of a description without probes says so and succeeds
 * SECTION: 10.3
 * ARGS: -l
 */

::fight: { }
BEGIN { }
