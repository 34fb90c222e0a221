/*
 * ASSERTION: a file that is no description of system calls is refused with what is wrong
 * SECTION: 14
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz -x syscalls=test/spec/code-probes/bad-syscalls.json
 */

syscall:::entry { }
