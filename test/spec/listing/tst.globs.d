/*
 * ASSERTION: -l lists every match of a glob, by id
 * SECTION: 10.3
 * ARGS: -l
 */

vec:exception:*fault:, dtrace:::E* { }
