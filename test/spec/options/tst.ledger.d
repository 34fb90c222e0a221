/*
 * ASSERTION: -x ledger accounts for every byte, and scan=careful finds what scan=fast finds
 * SECTION: 10.2
 * ARGS: -x ledger -x scan=careful -x unsafe -t $TRACES/tiny32-triple-fault.log.gz
 */

#pragma D option quiet
vec::: { @[probename] = count(); }
