/*
 * ASSERTION: functions take symbols
 * SECTION: 14
 * ARGS: -t $TRACES/linux-x86_64-int+exec-cpu-dfilter.log.gz
 */

fbt::vfs_read:entry { }
